//! `socai attach`: files beside the log.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use socai_app::attachments::{self, Filing, Finding};
use socai_domain::attachment::{About, Attachment, Erasure, OrderedBy};
use socai_domain::id::Sha256Hex;
use socai_ledger::image::Image;
use socai_store::blob::BLOB_BYTES_MAX;

use crate::arguments::LogKey;
use crate::arguments::attach::{self, Act, Attach};
use crate::output::{self, Cells, Frame, words};
use crate::recorder::Recorder;
use crate::{blobs, data_dir, named, origin};

/// Something that an audit found. The shape of `--format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Found {
    attachment: String,
    /// lost, damaged, not_yet_erased or orphan.
    finding: &'static str,
    /// Of an orphan: since when it is kept.
    since: Option<Timestamp>,
    /// The audit removed it.
    removed: bool,
}

pub(crate) async fn run(asked: &Attach) -> anyhow::Result<ExitCode> {
    match &asked.act {
        Act::Store(asked) => store(asked).await,
        Act::Get(asked) => get(asked).await,
        Act::Erase(asked) => erase(asked).await,
        Act::Audit(asked) => audit(asked).await,
    }
}

async fn store(asked: &attach::Store) -> anyhow::Result<ExitCode> {
    let content = read(&asked.file)?;
    let now = origin::now(&asked.actor.account);
    let mut ledger = Recorder::open(&asked.data.dir, &asked.key).await?;
    let blobs = blobs::open(&asked.data.dir).await?;
    let filing = Filing {
        media: asked.media.clone(),
        about: ledger.look(|image| about(&asked.about, image))?,
        effective: asked.on.unwrap_or(now.today()),
        synthetic: false,
    };
    let (address, _) =
        attachments::store(&mut ledger, &*blobs, content.into(), filing, &now).await?;
    ledger.close().await?;
    writeln!(io::stdout(), "{address}")?;
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(file).with_context(|| format!("cannot read {}", file.display()))?)
    };
    let mut content = Vec::new();
    source
        .take(BLOB_BYTES_MAX as u64 + 1)
        .read_to_end(&mut content)
        .with_context(|| format!("cannot read {}", file.display()))?;
    if content.len() > BLOB_BYTES_MAX {
        bail!(
            "{}: an attachment has at most {BLOB_BYTES_MAX} bytes, and this has more: split the file",
            file.display()
        );
    }
    Ok(content)
}

fn about(about: &attach::About, image: &Image) -> anyhow::Result<Option<About>> {
    if let Some(document) = &about.document {
        return Ok(Some(About::Document(named::document(image, document)?)));
    }
    let inspection = about.inspection.clone().map(About::Inspection);
    Ok(about
        .obligation
        .clone()
        .map(About::Obligation)
        .or(inspection))
}

async fn get(asked: &attach::Get) -> anyhow::Result<ExitCode> {
    if asked.out.is_none() && io::stdout().is_terminal() {
        bail!("name a file with --out, or send it on: a terminal would obey what is in the file");
    }
    let looking = data_dir::look(&asked.data.dir, None).await?;
    let address = attachments::find(&looking.image, &asked.address)?;
    let blobs = blobs::open_to_read(&asked.data.dir).await?;
    let content = attachments::fetch(&*blobs, &address).await?;
    match &asked.out {
        None => io::stdout().write_all(&content)?,
        Some(path) => {
            let mut options = OpenOptions::new();
            let file = options.write(true).create_new(true).mode(0o600).open(path);
            let written = file.and_then(|mut file| file.write_all(&content));
            written.with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn erase(asked: &attach::Erase) -> anyhow::Result<ExitCode> {
    let now = origin::now(&asked.actor.account);
    let mut ledger = Recorder::open(&asked.data.dir, &asked.key).await?;
    let blobs = blobs::open(&asked.data.dir).await?;
    let erasure = Erasure {
        reason: asked.reason.clone(),
        legal_basis: asked.legal_basis.clone(),
        ordered_by: ledger.look(|image| ordered_by(&asked.ordered, image))?,
    };
    if !asked.yes && io::stdin().is_terminal() && !confirmed(asked)? {
        bail!("nothing was erased");
    }
    let on = asked.on.unwrap_or(now.today());
    let erased = attachments::erase(&mut ledger, &*blobs, &asked.address, erasure, on, &now).await;
    let closed = ledger.close().await;
    let erased = erased?;
    closed?;
    match erased {
        Some(position) => println!("erased, recorded at position {position}"),
        None => println!("erased; it was recorded already"),
    }
    Ok(ExitCode::SUCCESS)
}

fn ordered_by(ordered: &attach::Ordered, image: &Image) -> anyhow::Result<OrderedBy> {
    match (&ordered.by_unit, &ordered.by_document) {
        (Some(unit), _) => Ok(OrderedBy::Unit(unit.clone())),
        (None, Some(document)) => Ok(OrderedBy::Document(named::document(image, document)?)),
        (None, None) => bail!("name who ordered it: --by-unit or --by-document"),
    }
}

fn confirmed(asked: &attach::Erase) -> anyhow::Result<bool> {
    eprint!(
        "Erase {} for good? Nothing brings it back. Type yes: ",
        asked.address
    );
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

async fn audit(asked: &attach::Audit) -> anyhow::Result<ExitCode> {
    let now = Timestamp::now();
    let dir = &asked.data.dir;
    let (audit, frame, removed) = if asked.mend {
        let ledger = Recorder::open(dir, &LogKey::default()).await?;
        let blobs = blobs::open(dir).await?;
        let (known, frame) = ledger.look(|image| (attachments_of(image), frame(image)));
        let audit = attachments::audit(&known, &*blobs).await?;
        let removed = attachments::mend(&audit, &*blobs, now).await?;
        (audit, frame, removed)
    } else {
        let looking = data_dir::look(dir, None).await?;
        let blobs = blobs::open_to_read(dir).await?;
        let audit = attachments::audit(&attachments_of(&looking.image), &*blobs).await?;
        (audit, looking.frame(None), Vec::new())
    };
    let found: Vec<Found> = audit
        .findings
        .iter()
        .map(|(address, finding)| Found {
            attachment: address.to_string(),
            finding: finding.id(),
            since: match finding {
                Finding::Orphan(since) => Some(*since),
                Finding::Lost | Finding::Damaged | Finding::NotYetErased => None,
            },
            removed: removed.contains(address),
        })
        .collect();
    output::show(asked.shown.format, Some(frame), &found, || cells(&found))?;
    let left = audit.findings.iter().any(|(address, finding)| {
        let young = matches!(finding, Finding::Orphan(_)) && !finding.is_to_be_removed(now);
        !young && !removed.contains(address)
    });
    Ok(ExitCode::from(u8::from(left)))
}

fn attachments_of(image: &Image) -> BTreeMap<Sha256Hex, Attachment> {
    image.registry().attachments.clone()
}

fn frame(image: &Image) -> Frame {
    Frame {
        position: image.position().0,
        known_at: image.position().0,
        as_of: None,
        definition: socai_domain::rate::DEFINITION,
    }
}

fn cells(found: &[Found]) -> Cells {
    let cells = |found: &Found| {
        vec![
            found.attachment.clone(),
            found.finding.to_owned(),
            found.since.map_or_else(String::new, |at| at.to_string()),
            if found.removed { "yes" } else { "no" }.to_owned(),
        ]
    };
    Cells {
        columns: vec![
            words("attachment"),
            words("finding"),
            words("since"),
            words("removed"),
        ],
        rows: found.iter().map(cells).collect(),
        empty: "every attachment is whole or gone as the ledger says, and nothing else is kept",
    }
}
