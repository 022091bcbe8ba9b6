//! Each question, in a file of its own.
