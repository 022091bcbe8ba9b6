//! The image's rows in PostgreSQL.
