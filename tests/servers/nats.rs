//! nats-server, alone or as a cluster of three.
