//! Tells the crate which compiler made it, for `socai_build_info`.

use std::env;
use std::error::Error;
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=RUSTC");
    println!("cargo:rerun-if-changed=build.rs");
    let said = Command::new(env::var("RUSTC")?).arg("--version").output()?;
    // rustc 1.95.0 (hash and day)
    let said = String::from_utf8(said.stdout)?;
    let version = said.split(' ').nth(1).ok_or("rustc says no version")?;
    println!("cargo:rustc-env=SOCAI_RUSTC={version}");
    Ok(())
}
