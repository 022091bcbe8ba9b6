//! Numbers and dates as a reader of each language expects them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use socai_domain::rate::RateId;

use crate::facts::Rated;
use crate::words::{Language, Words};

/// How numbers and dates are written, and the words around them.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// The language.
    pub(super) language: Language,
    /// Its words.
    pub(super) words: &'static Words,
}

impl Style {
    pub(super) fn of(language: Language) -> Self {
        Self {
            language,
            words: language.words(),
        }
    }

    /// A count: "1.234" in Vietnamese, "1,234" in English.
    pub(super) fn count(self, count: u64) -> String {
        let digits = count.to_string();
        let mut grouped = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                grouped.push(self.language.thousands());
            }
            grouped.push(digit);
        }
        grouped
    }

    /// A length as a count.
    pub(super) fn len<T>(self, list: &[T]) -> String {
        self.count(list.len() as u64)
    }

    /// A day: "31/03/2019" in Vietnamese, "2019-03-31" in English.
    pub(super) fn date(self, day: Date) -> String {
        match self.language {
            Language::Vietnamese => {
                format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year())
            }
            Language::English => day.to_string(),
        }
    }

    /// An instant by the clocks of Việt Nam: "09:15 18/04/2019".
    pub(super) fn moment(self, at: Timestamp) -> String {
        let there = Offset::constant(7).to_datetime(at);
        let (hour, minute) = (there.hour(), there.minute());
        match self.language {
            Language::Vietnamese => format!("{hour:02}:{minute:02} {}", self.date(there.date())),
            Language::English => format!("{} {hour:02}:{minute:02} +07:00", there.date()),
        }
    }

    /// A day, or a dash.
    pub(super) fn date_or_dash(self, day: Option<Date>) -> String {
        day.map_or_else(|| "–".to_owned(), |day| self.date(day))
    }

    /// A percentage: "98,63 %"; nothing due is said in words.
    pub(super) fn percent(self, rate: &Rated) -> String {
        match &rate.percent {
            Some(percent) => self.percent_text(percent),
            None => self.words.nothing_due.to_owned(),
        }
    }

    /// A percentage in a narrow cell; nothing due is a dash there, and a note tells what it means.
    pub(super) fn percent_or_dash(self, rate: &Rated) -> String {
        match &rate.percent {
            Some(percent) => self.percent_text(percent),
            None => "–".to_owned(),
        }
    }

    fn percent_text(self, percent: &str) -> String {
        match self.language {
            Language::Vietnamese => format!("{}\u{a0}%", percent.replace('.', ",")),
            Language::English => format!("{percent}\u{a0}%"),
        }
    }

    /// Numerator over denominator: "16.051/16.274".
    pub(super) fn fraction(self, rate: &Rated) -> String {
        format!("{}/{}", self.count(rate.n), self.count(rate.d))
    }

    /// A rate in a sentence, with all that belongs to it.
    pub(super) fn rate(self, rate: &Rated) -> String {
        match rate.percent {
            Some(_) => format!(
                "{} ({}; {})",
                self.percent(rate),
                self.fraction(rate),
                rate.id
            ),
            None => format!("{} ({})", self.words.nothing_due, rate.id),
        }
    }

    /// The name of a rate.
    pub(super) const fn rate_name(self, id: RateId) -> &'static str {
        match self.language {
            Language::Vietnamese => id.vietnamese(),
            Language::English => id.english(),
        }
    }

    /// "Quý I/2014" of "2014-q1"; a year as it is.
    pub(super) fn period(self, period: &str) -> String {
        let Some((year, quarter)) = period.split_once("-q") else {
            return period.to_owned();
        };
        match (self.language, quarter) {
            (Language::Vietnamese, "1") => format!("Quý I/{year}"),
            (Language::Vietnamese, "2") => format!("Quý II/{year}"),
            (Language::Vietnamese, "3") => format!("Quý III/{year}"),
            (Language::Vietnamese, _) => format!("Quý IV/{year}"),
            (Language::English, quarter) => format!("Q{quarter} {year}"),
        }
    }

    /// The head of a narrow column: "I/14" of "2014-q1".
    pub(super) fn period_short(self, period: &str) -> String {
        let (year, quarter) = period.split_once("-q").unwrap_or((period, ""));
        let quarter = match (self.language, quarter) {
            (Language::English, quarter) => format!("Q{quarter}"),
            (Language::Vietnamese, "1") => "I".to_owned(),
            (Language::Vietnamese, "2") => "II".to_owned(),
            (Language::Vietnamese, "3") => "III".to_owned(),
            (Language::Vietnamese, _) => "IV".to_owned(),
        };
        format!("{quarter}/{year}")
    }
}

/// `template` with each `{}` replaced by the next value.
pub(super) fn fill(template: &str, values: &[&str]) -> String {
    let mut filled = String::with_capacity(template.len() + 32);
    let mut values = values.iter();
    let mut parts = template.split("{}");
    filled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        filled.push_str(values.next().copied().unwrap_or_default());
        filled.push_str(part);
    }
    filled
}
