//! The credentials of a ledger on one machine: a file of redb beside the log.
