//! What the command line can, and where the same is offered to accounts over HTTP and gRPC. A test holds each
//! subcommand against the catalogue, the commands, the works and the list of what stays here, with its reason.

use std::collections::BTreeSet;

use clap::CommandFactory;
use socai_operations::catalogue;

use crate::arguments::Arguments;

/// Where something is offered besides.
enum Offered {
    /// It is this question.
    Question(&'static str),
    /// It records commands, as `/v1/commands` does.
    Commands,
    /// It is a work, at this address.
    Work(&'static str),
    /// It is several works, by what it is given.
    Works(&'static [&'static str]),
    /// Only here, because.
    Here(&'static str),
}

use Offered::{Commands, Here, Question, Work, Works};

/// What is about the files of a ledger, and who may open them needs no account.
const FILES: &str = "an act on a ledger's files, by whoever owns them";

/// What is about keys that never leave the machine.
const SECRETS: &str = "it makes or reads a secret that is on this machine";

/// Every subcommand, in the order of the manual.
const SUBCOMMANDS: &[(&str, Offered)] = &[
    ("demo", Here("it makes a ledger of its own")),
    ("init", Here(FILES)),
    ("record", Commands),
    ("number", Question("number")),
    ("read", Question("read")),
    ("rates", Question("rates")),
    ("obligations", Question("obligations")),
    ("history", Question("history")),
    ("search", Question("search")),
    ("units", Question("units")),
    ("groups", Question("groups")),
    ("documents", Question("documents")),
    ("requirements", Question("requirements")),
    ("tasks", Question("tasks")),
    ("inspections", Question("inspections")),
    ("sweep", Work("/v1/sweeps")),
    ("review", Work("/v1/reviews")),
    ("evidence", Work("/v1/evidence")),
    (
        "verify",
        Works(&[
            "/v1/verifications",
            "/v1/verify/bundle",
            "/v1/verify/bundles",
            "/v1/verify/receipt",
        ]),
    ),
    ("attach store", Work("/v1/attachments")),
    ("attach get", Work("/v1/attachments/{attachment}")),
    ("attach erase", Work("/v1/attachments/{attachment}/erasure")),
    ("attach audit", Work("/v1/attachment-audits")),
    ("account list", Question("accounts")),
    ("account create", Commands),
    ("account grant", Commands),
    ("account revoke", Commands),
    ("account token", Commands),
    ("account revoke-token", Commands),
    ("account close", Commands),
    ("account password", Here(SECRETS)),
    (
        "account name",
        Here("names of persons are beside the ledger, for whoever operates it"),
    ),
    (
        "account link",
        Here("links to single sign-on are beside the ledger, for whoever operates it"),
    ),
    (
        "account unlink",
        Here("links to single sign-on are beside the ledger, for whoever operates it"),
    ),
    (
        "account forget",
        Here("what is known of persons is beside the ledger, for whoever operates it"),
    ),
    ("key list", Question("keys")),
    ("key make", Here(SECRETS)),
    ("key rotate", Here(SECRETS)),
    (
        "key retire",
        Here("the sealers have to be told at the same time, by whoever holds their keys"),
    ),
    ("receipt", Work("/v1/receipts/{position}")),
    ("export", Work("/v1/records")),
    ("simulate", Here("it makes a ledger of its own")),
    ("backup", Here(FILES)),
    ("restore", Here(FILES)),
    ("migrate", Here(FILES)),
    ("seal", Here("the sealer seals wherever a ledger is served")),
    ("checkpoints", Question("checkpoints")),
    (
        "witness init",
        Here("a witness is another party, on its own machine"),
    ),
    (
        "witness trust",
        Here("a witness is another party, on its own machine"),
    ),
    (
        "witness distrust",
        Here("a witness is another party, on its own machine"),
    ),
    (
        "witness serve",
        Here("a witness is another party, on its own machine"),
    ),
    (
        "witness sign",
        Here("a witness is another party, on its own machine"),
    ),
    (
        "witness status",
        Here("a witness is another party, on its own machine"),
    ),
    ("witness request", Here(FILES)),
    ("witness accept", Here(FILES)),
    ("serve", Here("it is what offers the rest")),
    (
        "projection migrate",
        Here("PostgreSQL has accounts of its own"),
    ),
    (
        "projection status",
        Here("PostgreSQL has accounts of its own"),
    ),
    (
        "projection rebuild",
        Here("PostgreSQL has accounts of its own"),
    ),
    (
        "projection check",
        Here("PostgreSQL has accounts of its own"),
    ),
    ("completions", Here("it is about the shell")),
];

#[test]
fn every_subcommand_is_offered_to_accounts_or_stays_here_for_a_reason() {
    let listed: Vec<&str> = SUBCOMMANDS.iter().map(|(name, _)| *name).collect();
    assert_eq!(leaves(), listed);
    let document = include_str!("../../../schemas/openapi.json");
    let stands = |address: &str| document.contains(&format!("\"{address}\""));
    for (name, offered) in SUBCOMMANDS {
        match offered {
            Question(question) => assert!(catalogue::question(question).is_some(), "{name}"),
            Commands => {}
            Work(address) => assert!(stands(address), "{name}: {address}"),
            Works(addresses) => assert!(addresses.iter().all(|it| stands(it)), "{name}"),
            Here(reason) => assert!(!reason.is_empty(), "{name}"),
        }
    }
}

#[test]
fn every_question_can_be_asked_on_the_command_line() {
    let here = SUBCOMMANDS.iter().filter_map(|(_, offered)| match offered {
        Question(question) => Some(*question),
        Commands | Work(_) | Works(_) | Here(_) => None,
    });
    let here: BTreeSet<&str> = here.collect();
    let there = catalogue::QUESTIONS
        .iter()
        .map(|entry| entry.name)
        .collect();
    assert_eq!(here, there);
}

/// The subcommands that have none below them, with those above.
fn leaves() -> Vec<String> {
    let mut found = Vec::new();
    for one in Arguments::command().get_subcommands() {
        let name = one.get_name();
        let below: Vec<String> = one
            .get_subcommands()
            .map(|it| format!("{name} {}", it.get_name()))
            .collect();
        if below.is_empty() {
            found.push(name.to_owned());
        }
        found.extend(below);
    }
    found
}
