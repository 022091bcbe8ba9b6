//! Every checkpoint ever signed.

use std::num::NonZeroU32;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_app::sealer::cosigned;
use socai_domain::permission::Reading;
use socai_store::{CheckpointLog, Position, chain};
use socai_tlog::{Checkpoint, Note, Signature};

use crate::cells::{Cells, figures, words};
use crate::known_at::KnownAt;
use crate::page::{Place, Wanted};
use crate::question::{Asked, Found, Question};
use crate::texts;
use crate::trouble::Trouble;

/// Notes read at once.
const CHUNK: u32 = 1_024;

/// Every checkpoint ever signed.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Checkpoints {
    /// Only so many, the last ones
    #[arg(long, value_name = "N")]
    #[serde(default, deserialize_with = "texts::figure")]
    pub last: Option<u32>,
    /// Only those of what the ledger held at this position or time
    #[arg(long, value_name = "POSITION|TIME")]
    pub known_at: Option<KnownAt>,
}

/// One checkpoint, by what stands in it: whoever trusts nobody verifies it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Row {
    /// Its place among all that were signed. One that was cosigned later is there again.
    entry: u64,
    /// The name of the log.
    origin: String,
    /// How many records it covers.
    size: u64,
    /// The root of their tree, in base64.
    root: String,
    /// The log keys that signed it, each as name+id.
    signed_by: Vec<String>,
    /// The witnesses that cosigned it.
    cosigned_by: Vec<Cosigned>,
    /// All of it: a signed note.
    note: String,
}

/// One that cosigned.
#[derive(Debug, Serialize, JsonSchema)]
struct Cosigned {
    /// Its key, as name+id.
    key: String,
    /// When, as it says.
    at: Timestamp,
}

impl Question for Checkpoints {
    const NAME: &'static str = "checkpoints";
    const SUMMARY: &'static str =
        "List every checkpoint ever signed: size, root, who signed and who cosigned, and when";
    const READING: Reading = Reading::Proofs;
    type Row = Row;

    fn known_at(&self) -> Option<KnownAt> {
        self.known_at
    }

    fn as_of(&self, _: Date) -> Option<Date> {
        None
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Found<Row>, Trouble> {
        let (last, known_at) = (self.last, asked.image.position());
        Ok(Found::Elsewhere(Box::new(move |sources, wanted| {
            Box::pin(async move {
                match &sources.checkpoints {
                    Some(log) => rows(&**log, last, known_at, &wanted).await,
                    None => Ok(Vec::new()),
                }
            })
        })))
    }

    fn place(row: &Row) -> Place {
        Place::at(row.entry)
    }

    fn cells(rows: &[Row]) -> Cells {
        Cells {
            columns: vec![
                figures("entry"),
                figures("size"),
                words("root"),
                words("signed by"),
                words("cosigned by"),
            ],
            rows: rows.iter().map(cells).collect(),
            empty: "nothing was sealed yet",
        }
    }
}

/// The `last` entries, or all, of what was known.
///
/// # Errors
///
/// [`Trouble`] where one cannot be read, or is no checkpoint.
pub async fn rows(
    log: &dyn CheckpointLog,
    last: Option<u32>,
    known_at: Position,
    wanted: &Wanted,
) -> Result<Vec<Row>, Trouble> {
    let entries = log.len().await?;
    let passed = last.map_or(0, |last| entries.saturating_sub(last.into()));
    let after = wanted.after.as_ref().map_or(0, Place::number);
    let (mut read, mut rows) = (passed.max(after), Vec::new());
    while read < entries && rows.len() <= wanted.limit {
        let missing = u32::try_from(wanted.limit - rows.len()).unwrap_or(CHUNK);
        let some = NonZeroU32::MIN.saturating_add(missing.min(CHUNK));
        for note in log.read(read, some).await? {
            read += 1;
            let note = Note::parse(&note).map_err(|error| damaged(read, &error))?;
            let row = Row::of(read, &note)?;
            rows.extend((row.size <= known_at.0).then_some(row));
        }
    }
    Ok(rows)
}

fn damaged(entry: u64, error: &dyn std::error::Error) -> Trouble {
    Trouble::Stopped(format!("entry {entry}: {}", chain(error)))
}

impl Row {
    /// What `note` says, which is the one at `entry`.
    ///
    /// # Errors
    ///
    /// Where it is no checkpoint.
    pub fn of(entry: u64, note: &Note) -> Result<Self, Trouble> {
        let checkpoint = Checkpoint::parse(&note.text).map_err(|error| damaged(entry, &error))?;
        let (mut signed_by, mut cosigned_by) = (Vec::new(), Vec::new());
        for signature in &note.signatures {
            let key = name_of(signature);
            match cosigned(signature) {
                Some(by) => cosigned_by.push(Cosigned { key, at: by.at }),
                None => signed_by.push(key),
            }
        }
        Ok(Self {
            entry,
            origin: checkpoint.origin,
            size: checkpoint.size,
            root: checkpoint.root.to_string(),
            signed_by,
            cosigned_by,
            note: note.to_string(),
        })
    }
}

fn name_of(signature: &Signature) -> String {
    let id = signature.id.iter().map(|byte| format!("{byte:02x}"));
    format!("{}+{}", signature.name, id.collect::<String>())
}

fn cells(row: &Row) -> Vec<String> {
    let cosigned = row.cosigned_by.iter();
    let cosigned: Vec<String> = cosigned
        .map(|by| format!("{} at {}", by.key, by.at))
        .collect();
    vec![
        row.entry.to_string(),
        row.size.to_string(),
        row.root.clone(),
        row.signed_by.join(", "),
        cosigned.join(", "),
    ]
}
