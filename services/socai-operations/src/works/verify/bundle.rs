//! Whether an evidence bundle proves what it shows; of two, whether they show one history.

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use socai_evidence::compare::Difference;
use socai_evidence::verdict::About;
use socai_evidence::{Bundle, Finding, Outcome, RecordLine, Verdict, Weight, compare, judge};
use socai_tlog::Policy;

use super::word;

/// Bytes of a bundle that are read, at most: what its files may have together.
pub const BUNDLE_BYTES_MAX: u64 = socai_evidence::archive::TOTAL_BYTES_MAX;

/// What was found. The shape of `--format json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Bundles {
    /// `valid` (exit status 0), `invalid` (1) or `incomplete` (2), of everything that was given.
    pub outcome: &'static str,
    /// Each bundle, in the order given.
    pub bundles: Vec<Judged>,
    /// What two bundles do not have in common, and would if they were of one history.
    pub differences: Vec<Said>,
}

/// What was found of one bundle.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Judged {
    /// The file.
    pub bundle: String,
    /// `valid`, `invalid` or `incomplete`.
    pub outcome: &'static str,
    /// What the bundle says of itself; null where not even that reads.
    pub about: Option<Says>,
    /// Everything found, the gravest first.
    pub findings: Vec<Said>,
    /// Its records, in order.
    pub records: Vec<Line>,
}

/// What a bundle says of itself.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Says {
    pub origin: String,
    /// `unit`, `document` or `obligation`, and its id.
    pub of: [String; 2],
    pub from: Date,
    pub to: Date,
    pub size: u64,
    pub root: String,
    pub streams: u64,
    /// Records that are there only so that nothing can hide.
    pub tail: u64,
    pub checkpoints: u64,
    /// The witnesses of the policy that cosigned the top checkpoint.
    pub cosigned_by: Vec<Cosigned>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "BundleCosigned")]
pub struct Cosigned {
    pub witness: String,
    pub at: Timestamp,
}

/// One thing found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Said {
    pub code: &'static str,
    /// `invalid`, `incomplete` or `remark`.
    pub weight: &'static str,
    pub message: String,
}

/// A record, and when it can have been recorded.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Line {
    pub position: u64,
    pub stream: String,
    pub revision: u64,
    pub event: String,
    pub effective: Date,
    /// By the operator's clock.
    pub recorded: Timestamp,
    /// Not before this time, by a witness's clock.
    pub after: Option<Timestamp>,
    /// Not after this time, by the quorum's clocks.
    pub by: Option<Timestamp>,
    /// It was asked for; the others close the tail.
    pub selected: bool,
    pub back_dated: bool,
}

/// A bundle that somebody gave.
#[derive(Debug, Clone)]
pub struct Given {
    /// What it is called.
    pub name: String,
    /// Its bytes.
    pub zip: Vec<u8>,
}

/// Judges bundles, each by itself and two side by side, whose signatures `policy` says whether to believe.
pub fn judge_bundles(given: Vec<Given>, policy: Option<&Policy>, tolerance_hours: u32) -> Bundles {
    let (mut bundles, mut judged) = (Vec::new(), Vec::new());
    for Given { name, zip } in given {
        let verdict = match Bundle::read(&zip) {
            Ok(bundle) => {
                let verdict = judge(&bundle, policy, tolerance_hours);
                bundles.push(bundle);
                verdict
            }
            Err(finding) => Verdict::unreadable(finding),
        };
        judged.push((name, verdict));
    }
    let differences = differences(&bundles, &judged);
    let each = judged.iter().map(|(_, verdict)| verdict.outcome());
    let between = differences.iter().map(|one| outcome_of(one.weight()));
    Bundles {
        outcome: word(worst(each.chain(between))),
        differences: differences.iter().map(differs).collect(),
        bundles: judged.into_iter().map(judged_as).collect(),
    }
}

/// What two bundles do not have in common, and would if they were of one history.
fn differences(bundles: &[Bundle], judged: &[(String, Verdict)]) -> Vec<Difference> {
    let mut differences = match bundles {
        [one, other] => compare::compare(one, other),
        _ => Vec::new(),
    };
    if let [(_, one), (_, other)] = judged
        && one.shares_a_witness_with(other)
    {
        differences.retain(|one| !matches!(one, Difference::NotConnected { .. }));
    }
    differences
}

const fn outcome_of(weight: Weight) -> Outcome {
    match weight {
        Weight::Remark => Outcome::Valid,
        Weight::Incomplete => Outcome::Incomplete,
        Weight::Invalid => Outcome::Invalid,
    }
}

fn worst(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let grave = |outcome: &Outcome| match outcome {
        Outcome::Valid => 0,
        Outcome::Incomplete => 1,
        Outcome::Invalid => 2,
    };
    outcomes.max_by_key(grave).unwrap_or(Outcome::Invalid)
}

fn judged_as((bundle, verdict): (String, Verdict)) -> Judged {
    Judged {
        bundle,
        outcome: word(verdict.outcome()),
        about: verdict.about.map(says),
        findings: verdict.findings.iter().map(said).collect(),
        records: verdict.records.into_iter().map(line).collect(),
    }
}

fn says(about: About) -> Says {
    use socai_domain::evidence::Of;
    let of = match about.query.of {
        Of::Unit(id) => ["unit".to_owned(), id.to_string()],
        Of::Document(id) => ["document".to_owned(), id.to_string()],
        Of::Obligation(id) => ["obligation".to_owned(), id.to_string()],
    };
    let cosigned = about.cosigned.into_iter();
    Says {
        origin: about.origin,
        of,
        from: about.query.from,
        to: about.query.to,
        size: about.size,
        root: about.root.to_string(),
        streams: about.streams,
        tail: about.tail,
        checkpoints: about.checkpoints,
        cosigned_by: cosigned
            .map(|(witness, at)| Cosigned { witness, at })
            .collect(),
    }
}

fn said(finding: &Finding) -> Said {
    Said {
        code: finding.code(),
        weight: weight_word(finding.weight()),
        message: finding.to_string(),
    }
}

const fn weight_word(weight: Weight) -> &'static str {
    match weight {
        Weight::Invalid => "invalid",
        Weight::Incomplete => "incomplete",
        Weight::Remark => "remark",
    }
}

fn differs(difference: &Difference) -> Said {
    Said {
        code: difference.code(),
        weight: weight_word(difference.weight()),
        message: difference.to_string(),
    }
}

fn line(record: RecordLine) -> Line {
    Line {
        position: record.position,
        stream: record.stream,
        revision: record.revision,
        event: record.event_type,
        effective: record.effective,
        recorded: record.recorded,
        after: record.bracket.after,
        by: record.bracket.by,
        selected: record.selected,
        back_dated: record.back_dated,
    }
}
