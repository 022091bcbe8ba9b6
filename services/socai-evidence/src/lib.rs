//! The evidence bundle: put together, read and judged without the ledger.
