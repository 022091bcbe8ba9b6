//! PostgreSQL: one server a test process, one database a test.
