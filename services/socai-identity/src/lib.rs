//! Who it is that asks: tokens, passwords, sessions, single sign-on.

pub mod oidc;
