//! Units by headline rate.

use std::cmp::Ordering;

use socai_domain::obligation::Kind;
use socai_domain::text::CollationKey;

use crate::facts::{LeagueRow, Rated, UnitRow};

/// The units that owed something of this kind, best headline rate first. Rates are compared as
/// fractions, not as rounded percentages.
pub(super) fn league(units: &[UnitRow], kind: Kind) -> Vec<LeagueRow> {
    let owed = units
        .iter()
        .filter(|unit| unit.totals.of_kind(kind).counts.total() > 0);
    let mut rows: Vec<(CollationKey, LeagueRow)> = owed.map(|unit| unranked(unit, kind)).collect();
    rows.sort_by(|(a_name, a), (b_name, b)| {
        better(&a.rate, &b.rate)
            .then_with(|| a_name.cmp(b_name))
            .then_with(|| a.unit.cmp(&b.unit))
    });
    let mut rows: Vec<LeagueRow> = rows.into_iter().map(|(_, row)| row).collect();
    rank(&mut rows);
    rows
}

fn unranked(unit: &UnitRow, kind: Kind) -> (CollationKey, LeagueRow) {
    let rate = unit.totals.of_kind(kind).rate(crate::facts::headline(kind));
    let (unit, name) = (unit.unit.clone(), unit.name.clone());
    (
        CollationKey::new(&name),
        LeagueRow {
            rank: None,
            unit,
            name,
            rate,
        },
    )
}

fn better(a: &Rated, b: &Rated) -> Ordering {
    match (a.d, b.d) {
        (0, 0) => Ordering::Equal,
        (0, _) => Ordering::Greater,
        (_, 0) => Ordering::Less,
        _ => cross(b, a).cmp(&cross(a, b)),
    }
}

fn cross(a: &Rated, b: &Rated) -> u128 {
    u128::from(a.n) * u128::from(b.d)
}

fn rank(rows: &mut [LeagueRow]) {
    let mut last: Option<(Rated, u32)> = None;
    for (place, row) in (1..).zip(rows).take_while(|(_, row)| row.rate.d > 0) {
        let shared = last
            .as_ref()
            .filter(|(rate, _)| better(rate, &row.rate).is_eq());
        let rank = shared.map_or(place, |(_, rank)| *rank);
        row.rank = Some(rank);
        last = Some((row.rate.clone(), rank));
    }
}
