//! What dashboards show, asked as Grafana asks it: every question has rows, but for those of which a test says why they have
//! none.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::grafana::{self, Days, Question, Source, Variables};
use crate::servers::answers::Sample;
use crate::servers::until;
use crate::sources::{Row, Sources, in_rows};

/// Long enough for a machine that does a lot else.
const PATIENCE: Duration = Duration::from_secs(180);

/// It may have a lot else to do, and little room.
const OF_THE_MACHINE: [&str; 3] = ["SocaiApiSlow", "SocaiDiskNearlyFull", "SocaiDiskWillBeFull"];

/// A panel that has nothing to show: its dashboard, its title, and why that is so.
pub(crate) type Empty = (&'static str, &'static str, &'static str);

/// What dashboards are asked about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About {
    pub(crate) unit: &'static str,
    pub(crate) document: &'static str,
    /// The time range.
    pub(crate) days: Days,
    /// The window of due dates that is counted today, and today.
    pub(crate) counted: Days,
    pub(crate) today: jiff::civil::Date,
}

/// What dashboards show, once it is asked for.
pub(crate) struct Shown<'s> {
    pub(crate) sources: &'s Sources,
    pub(crate) about: About,
    /// Does something about the ledger that can be measured, and counts nowhere.
    stir: &'s dyn Fn(),
    questions: Vec<Question>,
}

impl<'s> Shown<'s> {
    /// By every dashboard that there is.
    pub(crate) fn new(sources: &'s Sources, about: About, stir: &'s dyn Fn()) -> Self {
        let files = grafana::files();
        let questions = files
            .iter()
            .flat_map(|file| grafana::questions(&grafana::read(file)));
        Self {
            sources,
            about,
            stir,
            questions: questions.collect(),
        }
    }

    /// Those of `empty` have none, also when all others have; and each of them is there.
    pub(crate) async fn everything_has_rows_but(&self, empty: &[Empty]) {
        let is_empty = |question: &&Question| {
            let named = (&*question.uid, &*question.title);
            empty.iter().any(|(uid, title, _)| (*uid, *title) == named)
        };
        let (without, with): (Vec<_>, Vec<_>) = self.questions.iter().partition(is_empty);
        for question in with {
            self.has_rows_and_columns(question).await;
        }
        let titles: BTreeSet<_> = without.iter().map(|one| (&*one.uid, &*one.title)).collect();
        assert_eq!(empty.len(), titles.len(), "of {empty:?} are: {titles:?}");
        for question in without {
            let variables = self.variables("report", "recorded");
            let rows = self.asked_once(question, &variables).await;
            assert!(
                rows.is_empty(),
                "{question:?} is said to be empty: {rows:?}"
            );
        }
    }

    async fn has_rows_and_columns(&self, question: &Question) {
        for (obligation, lineage) in [("report", "recorded"), ("task", "successor")] {
            let rows = self
                .rows(question, &self.variables(obligation, lineage))
                .await;
            columns_are_as_the_panel_says(question, &rows);
        }
    }

    /// Rows of a question. Metrics come with the next scrapes and rules after them, so they are waited for.
    async fn rows(&self, question: &Question, variables: &Variables) -> Vec<Row> {
        let what = format!("{question:?} has rows, {variables:?}");
        let mut rows = self.asked_once(question, variables).await;
        if matches!(question.source, Source::Sql(_)) {
            assert!(!rows.is_empty(), "{what}");
            return rows;
        }
        until(&what, PATIENCE, || {
            if rows.is_empty() {
                (self.stir)();
                rows = self.measured(question, variables);
            }
            let found = !rows.is_empty();
            async move { found }
        })
        .await;
        rows
    }

    async fn asked_once(&self, question: &Question, variables: &Variables) -> Vec<Row> {
        let Source::Sql(text) = &question.source else {
            return self.measured(question, variables);
        };
        let sent = grafana::sql(text, variables, self.about.days);
        let answer = self.sources.sql(&sent).await;
        answer.unwrap_or_else(|error| panic!("{question:?}: {sent}: {error:?}"))
    }

    fn measured(&self, question: &Question, variables: &Variables) -> Vec<Row> {
        let prometheus = &self.sources.prometheus;
        let sent = |expr: &str| grafana::promql(expr, variables, prometheus.pace);
        let answer: Result<Vec<Sample>, String> = match &question.source {
            Source::Lately(expr) => prometheus.lately(&sent(expr)),
            Source::Now(expr) => prometheus.now(&sent(expr)),
            Source::Sql(_) => unreachable!("SQL is asked of PostgreSQL"),
        };
        in_rows(answer.unwrap_or_else(|error| panic!("{question:?}: {error}")))
    }

    /// What a panel shows.
    pub(crate) async fn panel(
        &self,
        uid: &str,
        title: &str,
        letter: &str,
        variables: &Variables,
    ) -> Vec<Row> {
        let mut all = self.questions.iter();
        let found = all.find(|question| {
            (&*question.uid, &*question.title, &*question.letter) == (uid, title, letter)
        });
        let question = found.unwrap_or_else(|| panic!("{uid} has no panel {title} ({letter})"));
        self.rows(question, variables).await
    }

    /// What a panel shows that has a question for each bucket.
    pub(crate) async fn bars(&self, uid: &str, title: &str, variables: &Variables) -> Vec<Row> {
        let mut rows = Vec::new();
        for letter in ["A", "B", "C", "D", "E", "F"] {
            rows.extend(self.panel(uid, title, letter, variables).await);
        }
        rows
    }

    /// No alert fires or is about to but those of `named`, and they are; no rule fails.
    pub(crate) async fn nobody_is_alarmed_but(&self, named: &[&str]) {
        let expected: BTreeSet<String> = named.iter().map(|name| (*name).to_owned()).collect();
        let deadline = Instant::now() + PATIENCE;
        let mut alarmed = self.alarmed();
        while alarmed != expected && Instant::now() < deadline {
            tokio::task::yield_now().await;
            alarmed = self.alarmed();
        }
        assert_eq!(expected, alarmed);
        assert_eq!(Vec::<String>::new(), self.sources.prometheus.broken_rules());
    }

    /// But for alerts that speak of the machine which this runs on.
    fn alarmed(&self) -> BTreeSet<String> {
        let mut alarmed = self.sources.prometheus.alerts();
        alarmed.retain(|name| !OF_THE_MACHINE.contains(&name.as_str()));
        alarmed.into_iter().collect()
    }

    /// What `socai rates` says of the window that is counted today.
    pub(crate) fn rates_of_today(&self, asked: &[&str]) -> Value {
        self.rates(asked, self.about.counted, self.about.today)
    }

    /// What `socai rates` says of the time range, as of its end.
    pub(crate) fn rates_of_the_range(&self, asked: &[&str]) -> Value {
        self.rates(asked, self.about.days, self.about.days.to)
    }

    fn rates(&self, asked: &[&str], due: Days, as_of: jiff::civil::Date) -> Value {
        let [from, to, as_of] = [due.from, due.to, as_of].map(|day| day.to_string());
        let window = ["--from", &from, "--to", &to, "--as-of", &as_of];
        self.sources.asks(&[&["rates"], asked, &window].concat())
    }

    pub(crate) fn variables(&self, obligation: &str, lineage: &str) -> Variables {
        Variables::from([
            ("obligation", obligation.to_owned()),
            ("lineage", lineage.to_owned()),
            ("unit", self.about.unit.to_owned()),
            ("document", self.about.document.to_owned()),
        ])
    }
}

/// Columns that links name are there, and those that are there are called by words.
fn columns_are_as_the_panel_says(question: &Question, rows: &[Row]) {
    let Question {
        uid,
        title,
        linked,
        named,
        merged,
        ..
    } = question;
    let place = format!("{uid}: {title}");
    let there: BTreeSet<&String> = rows.iter().flat_map(Row::keys).collect();
    for column in linked {
        assert!(
            there.contains(column),
            "{place}: a link names {column}, which is no column"
        );
    }
    for column in there.into_iter().filter(|column| *column != "value") {
        assert!(
            named.is_empty() || named.contains(column),
            "{place}: {column} has no name in words"
        );
        assert!(
            !merged || column != "__name__",
            "{place}: the name of a metric keeps rows apart"
        );
    }
}
