//! `socai attach`: files beside the log.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use jiff::Timestamp;
use socai_domain::attachment::Attachment;
use socai_domain::id::Sha256Hex;
use socai_domain::permission::Scope;
use socai_ledger::image::Image;
use socai_operations::works::attachments::{self, Found, Mending};
use socai_store::blob::BLOB_BYTES_MAX;

use crate::arguments::LogKey;
use crate::arguments::attach::{self, Act, Attach};
use crate::named::plainly;
use crate::output::{self, Cells, Frame, words};
use crate::recorder::Recorder;
use crate::{blobs, data_dir, origin};

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
    let stored = attachments::store(
        &mut ledger,
        &*blobs,
        content.into(),
        &asked.filed,
        None,
        &now,
    )
    .await;
    let stored = stored.map_err(plainly)?;
    ledger.close().await?;
    writeln!(io::stdout(), "{}", stored.attachment)?;
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

async fn get(asked: &attach::Get) -> anyhow::Result<ExitCode> {
    if asked.out.is_none() && io::stdout().is_terminal() {
        bail!("name a file with --out, or send it on: a terminal would obey what is in the file");
    }
    let looking = data_dir::look(&asked.data.dir, None).await?;
    let address = attachments::find(&looking.image, &Scope::Everything, &asked.address);
    let blobs = blobs::open_to_read(&asked.data.dir).await?;
    let content = attachments::fetch(&*blobs, &address.map_err(plainly)?).await;
    let content = content.map_err(plainly)?;
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
    ledger
        .look(|image| asked.why.erasure(image))
        .map_err(plainly)?;
    if !asked.yes && io::stdin().is_terminal() && !confirmed(asked)? {
        bail!("nothing was erased");
    }
    let erased = attachments::erase(&mut ledger, &*blobs, &asked.address, &asked.why, &now).await;
    let closed = ledger.close().await;
    let erased = erased.map_err(plainly)?;
    closed?;
    match erased {
        Some(position) => println!("erased, recorded at position {position}"),
        None => println!("erased; it was recorded already"),
    }
    Ok(ExitCode::SUCCESS)
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
    let mending = asked.how.mending();
    let (found, frame) = match mending {
        Mending::Mend => {
            let ledger = Recorder::open(dir, &LogKey::default()).await?;
            let blobs = blobs::open(dir).await?;
            let (known, frame) = ledger.look(|image| (attachments_of(image), frame(image)));
            let found = attachments::audit(&known, &*blobs, mending, now).await;
            (found, frame)
        }
        Mending::Look => {
            let looking = data_dir::look(dir, None).await?;
            let blobs = blobs::open_to_read(dir).await?;
            let known = attachments_of(&looking.image);
            let found = attachments::audit(&known, &*blobs, mending, now).await;
            (found, looking.frame(None))
        }
    };
    let found = found.map_err(plainly)?;
    output::show(asked.shown.format, Some(frame), &found, || cells(&found))?;
    let is_wrong = found.iter().any(|found| found.is_wrong);
    Ok(ExitCode::from(u8::from(is_wrong)))
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
