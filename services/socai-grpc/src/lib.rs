//! The ledger over gRPC.
