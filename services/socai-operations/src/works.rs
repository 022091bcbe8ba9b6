//! What is more than a question: each a function over the ports that it uses, the same for every wire.
