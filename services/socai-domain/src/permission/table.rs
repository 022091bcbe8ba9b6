//! The table: a row for every command and every reading. What is not in a row is not allowed.

use super::Reach::{AnyUnit, Below, Channel, Itself, NotOwnUnit, OwnUnit};
use super::Role::{Consolidator, Inspector, Monitor, Operator, Registrar, Reporter, Witness};
use super::{Reach, Reading, Role, Sight};

/// For every command who may ask it, and over which units.
///
/// Rows without a role are the program's own: whoever owns the files of the ledger asks them.
pub const COMMANDS: &[(&str, &[(Role, Reach)])] = &[
    ("ledger.adopt_definition", &[(Operator, AnyUnit)]),
    ("ledger.waive_durability", &[(Operator, AnyUnit)]),
    ("ledger.add_log_key", &[]),
    ("ledger.retire_log_key", &[]),
    ("ledger.seal_heads", &[]),
    ("account.create", &[(Operator, AnyUnit)]),
    ("account.grant_role", &[(Operator, AnyUnit)]),
    ("account.revoke_role", &[(Operator, AnyUnit)]),
    ("account.issue_token", &[(Operator, AnyUnit)]),
    ("account.revoke_token", &[(Operator, AnyUnit)]),
    ("account.close", &[(Operator, AnyUnit)]),
    (
        "account.note_export",
        &[
            (Registrar, Itself),
            (Reporter, Itself),
            (Consolidator, Itself),
            (Monitor, Itself),
            (Inspector, Itself),
            (Operator, Itself),
        ],
    ),
    ("calendar.publish", &[(Operator, AnyUnit)]),
    ("unit.form", &[(Operator, AnyUnit)]),
    ("unit.rename", &[(Operator, AnyUnit)]),
    ("unit.reparent", &[(Operator, AnyUnit)]),
    ("unit.cede_part", &[(Operator, AnyUnit)]),
    ("unit.merge", &[(Operator, AnyUnit)]),
    ("unit.divide", &[(Operator, AnyUnit)]),
    ("unit.dissolve", &[(Operator, AnyUnit)]),
    // A group is a list of units, and a way to address them.
    ("group.define", &[(Registrar, AnyUnit), (Operator, AnyUnit)]),
    ("group.change", &[(Registrar, AnyUnit), (Operator, AnyUnit)]),
    ("document.issue", &[(Registrar, AnyUnit)]),
    ("document.relate", &[(Registrar, AnyUnit)]),
    ("document.end", &[(Registrar, AnyUnit)]),
    ("document.correct", &[(Registrar, AnyUnit)]),
    ("requirement.set", &[(Registrar, AnyUnit)]),
    ("requirement.end", &[(Registrar, AnyUnit)]),
    ("period.open", &[(Registrar, AnyUnit)]),
    ("task.assign", &[(Registrar, AnyUnit)]),
    // A date that is set is a date that can be put off.
    ("task.set_due", &[(Registrar, NotOwnUnit)]),
    ("task.acknowledge", &[(Reporter, OwnUnit)]),
    ("task.progress", &[(Reporter, OwnUnit)]),
    ("task.claim", &[(Reporter, OwnUnit)]),
    ("task.confirm", &[(Registrar, NotOwnUnit)]),
    ("task.refuse", &[(Registrar, NotOwnUnit)]),
    (
        "report.submit",
        &[(Reporter, OwnUnit), (Consolidator, Channel)],
    ),
    ("report.receive", &[(Consolidator, Below)]),
    ("report.forward", &[(Consolidator, Below)]),
    (
        "report.return",
        &[(Consolidator, Below), (Registrar, NotOwnUnit)],
    ),
    (
        "report.accept",
        &[(Consolidator, Below), (Registrar, NotOwnUnit)],
    ),
    ("obligation.extend", &[(Monitor, NotOwnUnit)]),
    ("obligation.excuse", &[(Monitor, NotOwnUnit)]),
    ("obligation.cancel", &[(Registrar, NotOwnUnit)]),
    ("obligation.transfer", &[(Registrar, NotOwnUnit)]),
    (
        "obligation.remind",
        &[(Monitor, AnyUnit), (Consolidator, Below)],
    ),
    ("obligation.flag_late", &[(Monitor, AnyUnit)]),
    ("obligation.escalate", &[(Monitor, AnyUnit)]),
    (
        "obligation.request_explanation",
        &[(Monitor, AnyUnit), (Consolidator, Below)],
    ),
    ("obligation.explain", &[(Reporter, OwnUnit)]),
    (
        "obligation.reverse",
        &[(Registrar, NotOwnUnit), (Monitor, NotOwnUnit)],
    ),
    ("inspection.open", &[(Inspector, NotOwnUnit)]),
    ("inspection.record_finding", &[(Inspector, NotOwnUnit)]),
    ("inspection.set_follow_up", &[(Inspector, NotOwnUnit)]),
    ("inspection.conclude", &[(Inspector, NotOwnUnit)]),
    (
        "attachment.store",
        &[
            (Reporter, OwnUnit),
            (Consolidator, Channel),
            (Registrar, AnyUnit),
            (Monitor, AnyUnit),
            (Inspector, AnyUnit),
        ],
    ),
    ("attachment.erase", &[(Registrar, NotOwnUnit)]),
    ("evidence.export", &[(Inspector, AnyUnit)]),
];

/// For every reading who may read it, and how far each sees.
pub const READINGS: &[(Reading, &[(Role, Sight)])] = &[
    (
        Reading::Registry,
        &[
            (Registrar, Sight::Everything),
            (Reporter, Sight::OwnUnit),
            (Consolidator, Sight::Channel),
            (Monitor, Sight::Everything),
            (Inspector, Sight::Everything),
            (Operator, Sight::Everything),
        ],
    ),
    (Reading::Counts, UNITS_AND_WHOEVER_WATCHES),
    (Reading::Histories, UNITS_AND_WHOEVER_WATCHES),
    (Reading::Records, &[(Inspector, Sight::Everything)]),
    (Reading::Attachments, UNITS_AND_WHOEVER_WATCHES),
    (
        Reading::Proofs,
        &[
            (Registrar, Sight::Everything),
            (Reporter, Sight::Everything),
            (Consolidator, Sight::Everything),
            (Monitor, Sight::Everything),
            (Inspector, Sight::Everything),
            (Operator, Sight::Everything),
            (Witness, Sight::Everything),
        ],
    ),
    (
        Reading::Reviews,
        &[
            (Registrar, Sight::Everything),
            (Monitor, Sight::Everything),
            (Inspector, Sight::Everything),
        ],
    ),
    (Reading::Evidence, &[(Inspector, Sight::Everything)]),
    (
        Reading::Accounts,
        &[
            (Inspector, Sight::Everything),
            (Operator, Sight::Everything),
        ],
    ),
    (
        Reading::Upkeep,
        &[
            (Inspector, Sight::Everything),
            (Operator, Sight::Everything),
        ],
    ),
    (
        // Counts of every unit are in them: they are not told in parts.
        Reading::Metrics,
        &[
            (Registrar, Sight::Everything),
            (Monitor, Sight::Everything),
            (Inspector, Sight::Everything),
            (Operator, Sight::Everything),
        ],
    ),
];

const UNITS_AND_WHOEVER_WATCHES: &[(Role, Sight)] = &[
    (Registrar, Sight::Everything),
    (Reporter, Sight::OwnUnit),
    (Consolidator, Sight::Channel),
    (Monitor, Sight::Everything),
    (Inspector, Sight::Everything),
];
