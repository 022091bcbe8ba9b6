//! Whatever is asked: look, answer, show.

use std::process::ExitCode;

use socai_app::history::records_at;
use socai_domain::permission::Scope;
use socai_operations::question::{Asked, Found, Question};

use crate::arguments::{Ask, Format};
use crate::data_dir::{self, Looking};
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
    let rows = rows(question, &asked, &looking).await?;
    let cells = match shown.format {
        Format::Table => question.table(&asked, &rows).map_err(told)?,
        Format::Json | Format::Csv => Q::cells(&rows),
    };
    let frame = looking.frame(question.as_of(asked.today));
    output::show(shown.format, Some(frame), &rows, || cells)?;
    Ok(ExitCode::SUCCESS)
}

async fn rows<Q: Question>(
    question: &Q,
    asked: &Asked<'_>,
    looking: &Looking,
) -> anyhow::Result<Vec<Q::Row>> {
    match question.answer(asked).map_err(told)? {
        Found::Rows(rows) => Ok(rows),
        Found::Records(positions, row) => {
            let records = records_at(&*looking.store, &positions).await?;
            records
                .iter()
                .map(|record| row(record).map_err(told))
                .collect()
        }
    }
}
