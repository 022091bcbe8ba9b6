//! The commands of `ops/api.md`, one after the other, as an integrator would copy them.

use std::process::Command;

use crate::stage::Stage;

#[test]
fn every_command_of_the_manual_does_what_it_says() {
    let manual = include_str!("../../ops/api.md");
    let blocks: Vec<&str> = manual
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("```")?.0))
        .collect();
    let expected = [
        "clerk-a",
        "\"rows\":[{\"id\":\"",
        "",
        "\"outcome\":\"recorded\"",
        "\"outcome\":\"would_be_recorded\"",
        "\"code\":\"obligation.not_open\"",
    ];
    assert_eq!(blocks.len(), expected.len());
    let stage = Stage::new();
    let folder = tempfile::tempdir().unwrap();
    for (block, expected) in blocks.iter().zip(expected) {
        let ran = Command::new("sh")
            .args(["-eu", "-c", block])
            .current_dir(folder.path())
            .env("SOCAI", stage.server.url(""))
            .env("TOKEN", &stage.town.reporter.token)
            .output()
            .unwrap();
        let said = String::from_utf8(ran.stdout).unwrap();
        assert!(ran.status.success(), "{block}\n{said}");
        assert!(said.contains(expected), "{block}\n{said}");
    }
    let units = std::fs::read_to_string(folder.path().join("units.csv")).unwrap();
    assert!(units.starts_with("\u{feff}id,"), "{units}");
}
