//! Makes descriptors of every file of `proto/socai/v1`, and types for those that are written by hand.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use prost::Message;

const ROOT: &str = "../../proto";

/// Everything there is.
const ALL: [&str; 4] = [
    "socai/v1/works.proto",
    "socai/v1/ledger.proto",
    "socai/v1/commands.proto",
    "socai/v1/questions.proto",
];

/// Commands and questions are carried by descriptor, so nobody needs a type for each.
const BY_HAND: [&str; 2] = ["socai/v1/ledger.proto", "socai/v1/works.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={ROOT}");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let descriptors = protox::compile(ALL, [ROOT])?;
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    // A comment of a message is no Rust documentation: what looks like a link or a tag there is none.
    tonic_prost_build::configure()
        .build_client(true)
        .disable_comments(["."])
        .bytes(".")
        .compile_fds(protox::compile(BY_HAND, [ROOT])?)?;
    Ok(())
}
