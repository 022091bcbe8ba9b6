//! `socai demo`: a city's ledger from the five source documents and synthetic outcomes.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, Time};
use socai_app::ledger::{Ledger, Outcome, sweep};
use socai_app::request::{self, Request};
use socai_domain::id::{AccountId, DocumentId};
use socai_domain::origin::{Origin, VIETNAM};
use socai_domain::rate::{Bucket, RateId};
use socai_ledger::query::{Grouping, Query};
use socai_operations::works::review::{Form, Language, Review};
use socai_store::Position;
use uuid::Uuid;

use crate::arguments::Demo;
use crate::commands::review;
use crate::new_key::NewKey;
use crate::place::Place;
use crate::{data_dir, progress, scenario, sealing};

/// The account of whoever acts where a line names nobody.
const CLERK: &str = "van-thu";

/// The account of the daily sweep.
const SWEEPER: &str = "theo-doi";

/// A review that the scenario has something to say about.
struct Reviewed {
    document: &'static str,
    from: Date,
    to: Date,
    as_of: Date,
    folder: &'static str,
}

const fn day(year: i16, month: i8, day: i8) -> Date {
    Date::constant(year, month, day)
}

const REVIEWS: [Reviewed; 2] = [
    Reviewed {
        document: scenario::DIRECTIVE_2014,
        from: day(2014, 1, 21),
        to: day(2019, 3, 31),
        as_of: day(2019, 3, 31),
        folder: "so-ket-25-ct-tu-2014-2019",
    },
    Reviewed {
        document: scenario::DIRECTIVE_2021,
        from: day(2021, 1, 1),
        to: day(2026, 6, 30),
        as_of: day(2026, 6, 30),
        folder: "danh-gia-2021-2026",
    },
];

pub(crate) async fn run(demo: &Demo) -> anyhow::Result<ExitCode> {
    let dir = match &demo.keep {
        Some(dir) => dir.clone(),
        None => tempfile::Builder::new()
            .prefix("socai-demo-")
            .tempdir()?
            .keep(),
    };
    let data = dir.join("so-cai");
    let mut ledger = found(&data).await?;
    load(&mut ledger).await?;
    println!(
        "The ledger of Hà Nội in {}: {} events.",
        data.display(),
        ledger.image().position().0
    );
    println!(
        "Documents, tasks and requirements are those of five published texts. Their outcomes are not:"
    );
    println!(
        "units' habits, due dates and results are made up and marked synthetic (dữ liệu minh họa).\n"
    );
    for reviewed in &REVIEWS {
        summarise(&ledger, reviewed)?;
    }
    let position = ledger.image().position();
    data_dir::close(&data, ledger.image(), Position::ZERO);
    sealing::finish(sealing::beside(&data, ledger.store().clone(), None)?).await?;
    drop(ledger);
    for reviewed in &REVIEWS {
        let out = dir.join(reviewed.folder);
        let written = write(&data, reviewed, &out).await?;
        println!("Review written: {}", written.display());
    }
    invite(&data, position.0);
    Ok(ExitCode::SUCCESS)
}

async fn found(data: &Path) -> anyhow::Result<Ledger> {
    let founding = data_dir::simulated("hanoi")?;
    let first = scenario::first_day().context("the scenario has no line")?;
    let place = Place::Directory(data.to_owned());
    let key = NewKey::simulated("socai/hanoi", &place.log_key_file(None)?)?;
    place
        .create(&founding, &key, None, &morning(first, CLERK)?)
        .await
}

/// The working morning of `day`: when the simulated clock of the demonstration records.
fn morning(day: Date, account: &str) -> anyhow::Result<Origin> {
    let at: Timestamp = VIETNAM.to_timestamp(day.to_datetime(Time::constant(9, 0, 0, 0)))?;
    Ok(Origin {
        actor: AccountId::new(account)?,
        at,
    })
}

/// Records the scenario month by month, each followed by the sweep of its last day.
async fn load(ledger: &mut Ledger) -> anyhow::Result<()> {
    let requests = (1..).zip(scenario::lines()).map(parse);
    let requests = requests.collect::<anyhow::Result<Vec<Request>>>()?;
    let bar = progress::bar(requests.len() as u64, "recording");
    let mut recorded = requests
        .first()
        .context("the scenario has no line")?
        .effective;
    let mut month = Vec::new();
    for request in requests {
        if request.effective > recorded.last_of_month() {
            record(ledger, std::mem::take(&mut month)).await?;
            flag(ledger, recorded.last_of_month()).await?;
        }
        recorded = recorded.max(request.effective);
        let account = request.actor.as_ref().map_or(CLERK, |actor| actor.as_str());
        let origin = morning(recorded, account)?;
        month.push((request, origin));
        bar.inc(1);
    }
    record(ledger, month).await?;
    flag(ledger, recorded).await?;
    bar.finish_and_clear();
    Ok(())
}

/// Reads a line of the scenario. Its number is the command's id, so that every demonstration has the
/// same bytes.
fn parse((number, line): (u128, &str)) -> anyhow::Result<Request> {
    let read = request::parse(line.as_bytes());
    let request = read.with_context(|| format!("line {number} of the scenario"))?;
    Ok(Request {
        id: Some(Uuid::from_u128(number)),
        ..request
    })
}

async fn record(ledger: &mut Ledger, asked: Vec<(Request, Origin)>) -> anyhow::Result<()> {
    let batch = ledger.record(&asked).await?;
    if let Some(error) = batch.trouble {
        return Err(error.into());
    }
    for (outcome, (request, _)) in batch.outcomes.iter().zip(&asked) {
        if let Outcome::Refused(refused) = outcome {
            bail!(
                "the scenario is refused [{}]: {refused}: {}",
                refused.code,
                request::compose(request)
            );
        }
    }
    Ok(())
}

async fn flag(ledger: &mut Ledger, on: Date) -> anyhow::Result<()> {
    let origin = morning(on.saturating_add(1.day()), SWEEPER)?;
    let sweep = sweep(ledger.image(), on);
    // The upper half of the id tells the day, the lower one the place within the sweep.
    let day = u128::from(on.day_of_year().unsigned_abs());
    let day = (u128::from(on.year().unsigned_abs()) << 16) | day;
    let mark = |(place, flag): (u128, Request)| {
        let id = Some(Uuid::from_u128((day << 64) | place));
        (
            Request {
                synthetic: true,
                id,
                ..flag
            },
            origin.clone(),
        )
    };
    record(ledger, (0..).zip(sweep).map(mark).collect()).await
}

fn summarise(ledger: &Ledger, reviewed: &Reviewed) -> anyhow::Result<()> {
    let document = DocumentId::new(reviewed.document)?;
    let title = ledger
        .image()
        .registry()
        .documents
        .get(&document)
        .map(|known| known.title());
    let title = title.context("the scenario has the document under review")?;
    let Reviewed {
        from, to, as_of, ..
    } = reviewed;
    println!("{title} and everything issued under it, due from {from} to {to}, as of {as_of}:");
    let query = Query {
        due_from: Some(*from),
        due_to: Some(*to),
        document: Some(document),
        ..Query::as_of(*as_of)
    };
    let rates = ledger.image().rates(&query, Grouping::Kind);
    for row in &rates.rows {
        let bucket = |bucket: &Bucket| {
            format!(
                "{} {}",
                row.counts.get(*bucket),
                bucket.id().replace('_', " ")
            )
        };
        let buckets: Vec<String> = Bucket::ALL.iter().map(bucket).collect();
        println!("  {:<7} {}", row.id, buckets.join(", "));
        for id in [RateId::CompletedOfDue, RateId::OnTimeOfDue] {
            let rate = row.counts.rate(id);
            let percent = rate
                .percent()
                .map_or("nothing was due".to_owned(), |p| format!("{p} %"));
            println!("          {} {} of {}: {percent}", id.id(), rate.n, rate.d);
        }
    }
    println!();
    Ok(())
}

async fn write(data: &Path, reviewed: &Reviewed, out: &Path) -> anyhow::Result<PathBuf> {
    let asked = crate::arguments::Review {
        data: crate::arguments::Data {
            dir: data.to_owned(),
        },
        review: Review {
            document: reviewed.document.to_owned(),
            from: reviewed.from,
            to: reviewed.to,
            as_of: reviewed.as_of,
            known_at: None,
            formats: vec![Form::Json, Form::Html],
            lang: Language::Vi,
        },
        out: out.to_owned(),
    };
    let written = review::write(&asked).await?;
    written
        .into_iter()
        .next_back()
        .context("a review has a page")
}

fn invite(data: &Path, position: u64) {
    let data = data.display();
    let Reviewed {
        document,
        from,
        to,
        as_of,
        ..
    } = &REVIEWS[0];
    let same =
        format!("--data {data} --document {document} --from {from} --to {to} --as-of {as_of}");
    println!("\nWhat is behind the numbers, up to position {position}:");
    println!("  socai obligations {same} --bucket overdue");
    println!("  socai rates {same} --by unit");
    println!("  socai history --data {data} --document {document}");
    println!("  socai verify {data}");
    println!("(with cargo: cargo run --release -- rates …)");
}
