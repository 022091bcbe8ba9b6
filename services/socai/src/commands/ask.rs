//! Whatever is asked: look, answer, show.

use std::process::ExitCode;

use socai_domain::permission::Scope;
use socai_operations::page::Wanted;
use socai_operations::question::{Asked, Question, Sources};

use crate::arguments::{Ask, Format};
use crate::data_dir;
use crate::named::told;
use crate::{origin, output};

pub(crate) async fn run<Q: Question>(typed: &Ask<Q>) -> anyhow::Result<ExitCode> {
    let Ask {
        data,
        question,
        shown,
    } = typed;
    let looking = data_dir::look(&data.dir, question.known_at()).await?;
    let asked = Asked {
        image: &looking.image,
        today: origin::today(),
        scope: &Scope::Everything,
    };
    let sources = Sources {
        store: looking.store.clone(),
        checkpoints: None,
    };
    let found = question.answer(&asked).map_err(told)?;
    let gathered = found.gather(&sources, &Wanted::ALL, Q::place).await;
    let (rows, _) = gathered.map_err(told)?;
    let cells = match shown.format {
        Format::Table => question.table(&asked, &rows).map_err(told)?,
        Format::Json | Format::Csv => Q::cells(&rows),
    };
    let frame = looking.frame(question.as_of(asked.today));
    output::show(shown.format, Some(frame), &rows, || cells)?;
    Ok(ExitCode::SUCCESS)
}
