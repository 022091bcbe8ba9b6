//! Numbers and dates as a reader of each language expects them.

use jiff::Timestamp;
use jiff::civil::Date;

use socai_domain::origin::VIETNAM;
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

    /// A number of years: "05" in Vietnamese headings, "5" in English.
    pub(super) fn years(self, years: i16) -> String {
        match self.language {
            Language::Vietnamese => format!("{years:02}"),
            Language::English => years.to_string(),
        }
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
        let there = VIETNAM.to_datetime(at);
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

    /// "Quý I/2014" of "2014-q1"; a period with a name of its own as it is.
    pub(super) fn period(self, period: &str) -> String {
        let told = period
            .split_once('-')
            .and_then(|(year, part)| self.part(year, part));
        told.unwrap_or_else(|| period.to_owned())
    }

    fn part(self, year: &str, part: &str) -> Option<String> {
        let english = self.language == Language::English;
        let told = match (part, english) {
            ("h1", false) => format!("6 tháng đầu năm {year}"),
            ("h2", false) => format!("6 tháng cuối năm {year}"),
            ("h1" | "h2", true) => format!("{} {year}", part.to_uppercase()),
            ("9m", false) => format!("9 tháng năm {year}"),
            ("9m", true) => format!("nine months of {year}"),
            (month, _) if month.starts_with('m') => {
                let month = month[1..].trim_start_matches('0');
                let name = if english { "Month" } else { "Tháng" };
                format!("{name} {month}/{year}")
            }
            (quarter, true) if quarter.starts_with('q') => {
                format!("{} {year}", quarter.to_uppercase())
            }
            (quarter, false) => format!("Quý {}/{year}", roman(quarter)?),
            (_, true) => return None,
        };
        Some(told)
    }

    /// What is owed, with the period that it is about.
    pub(super) fn item(self, title: &str, period: Option<&String>) -> String {
        match period {
            Some(period) => format!("{title} ({})", self.period(period)),
            None => title.to_owned(),
        }
    }

    /// The head of a narrow column: "I/14" of "2014-q1".
    pub(super) fn period_short(self, period: &str) -> String {
        let (year, quarter) = period.split_once('-').unwrap_or((period, ""));
        let quarter = match self.language {
            Language::English => quarter.to_uppercase(),
            Language::Vietnamese => roman(quarter).unwrap_or_default().to_owned(),
        };
        format!("{quarter}/{year}")
    }
}

/// "I" of "q1".
fn roman(quarter: &str) -> Option<&'static str> {
    Some(match quarter {
        "q1" => "I",
        "q2" => "II",
        "q3" => "III",
        "q4" => "IV",
        _ => return None,
    })
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn numbers_and_dates_are_written_as_each_language_has_them() {
        let [vi, en] = [Language::Vietnamese, Language::English].map(Style::of);
        for (count, vietnamese, english) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1.000", "1,000"),
            (14_068, "14.068", "14,068"),
            (1_234_567, "1.234.567", "1,234,567"),
        ] {
            assert_eq!(
                (vi.count(count), en.count(count)),
                (vietnamese.into(), english.into())
            );
        }
        let day = date(2019, 3, 5);
        assert_eq!(
            (vi.date(day), en.date(day)),
            ("05/03/2019".into(), "2019-03-05".into())
        );
        let at = "2019-04-17T23:05:00Z".parse().unwrap();
        assert_eq!(vi.moment(at), "06:05 18/04/2019");

        let counts = socai_domain::rate::Counts {
            on_time: 14_068,
            late: 1_983,
            overdue: 223,
            ..Default::default()
        };
        let rate = Rated::of(&counts, RateId::CompletedOfDue);
        assert_eq!(
            vi.rate(&rate),
            "98,63\u{a0}% (16.051/16.274; completed_of_due)"
        );
        assert_eq!(
            en.rate(&rate),
            "98.63\u{a0}% (16,051/16,274; completed_of_due)"
        );
    }

    #[test]
    fn periods_have_names_and_own_names_stay() {
        let [vi, en] = [Language::Vietnamese, Language::English].map(Style::of);
        for (period, vietnamese, english) in [
            ("2014-q1", "Quý I/2014", "Q1 2014"),
            ("2014-q4", "Quý IV/2014", "Q4 2014"),
            ("2014-m03", "Tháng 3/2014", "Month 3/2014"),
            ("2014-h2", "6 tháng cuối năm 2014", "H2 2014"),
            ("2014-9m", "9 tháng năm 2014", "nine months of 2014"),
            ("2014", "2014", "2014"),
            ("so-ket-5-nam", "so-ket-5-nam", "so-ket-5-nam"),
        ] {
            assert_eq!(
                (vi.period(period), en.period(period)),
                (vietnamese.into(), english.into())
            );
        }
        assert_eq!(
            (vi.period_short("2014-q2"), en.period_short("2014-q2")),
            ("II/2014".into(), "Q2/2014".into())
        );
    }
}
