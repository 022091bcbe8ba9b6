//! Whatever is killed, and whenever, the tables end equal.
