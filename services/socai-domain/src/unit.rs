//! A unit: an organisation that owes or receives.
//!
//! ```text
//! (none) --form--> alive --rename, reparent, cede--> alive --merge, divide, dissolve--> ended
//! ```
//!
//! Its identity is its id, never its name: names are reused, and a merger that keeps a name forms a
//! new unit. An ended unit stays for ever; what it owed and did stays with it.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{DocumentId, ObligationId, UnitId};
use crate::line::Line;
use crate::refusal::refusals;

mod decide;

pub use decide::{Changes, decide};

/// What sort of organisation a unit is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "UnitKind")]
pub enum Kind {
    /// Cơ quan trung ương.
    Central,
    /// Cấp ủy: thành ủy, quận ủy, huyện ủy, đảng ủy, and their standing boards.
    PartyCommittee,
    /// Cơ quan tham mưu, giúp việc của Đảng: ban, văn phòng.
    PartyBody,
    /// Ủy ban nhân dân cấp tỉnh, cấp huyện.
    PeoplesCommittee,
    /// Sở và cơ quan tương đương.
    Department,
    /// Quận, huyện, thị xã.
    District,
    /// Xã, phường, đặc khu.
    Commune,
    /// Mặt trận Tổ quốc, tổ chức chính trị - xã hội.
    MassOrganisation,
    /// Đơn vị sự nghiệp công lập.
    PublicService,
    /// Cơ quan báo chí.
    Press,
    /// Khác.
    Other,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Central,
        Self::PartyCommittee,
        Self::PartyBody,
        Self::PeoplesCommittee,
        Self::Department,
        Self::District,
        Self::Commune,
        Self::MassOrganisation,
        Self::PublicService,
        Self::Press,
        Self::Other,
    ];

    /// The kind's name in data.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Central => "central",
            Self::PartyCommittee => "party_committee",
            Self::PartyBody => "party_body",
            Self::PeoplesCommittee => "peoples_committee",
            Self::Department => "department",
            Self::District => "district",
            Self::Commune => "commune",
            Self::MassOrganisation => "mass_organisation",
            Self::PublicService => "public_service",
            Self::Press => "press",
            Self::Other => "other",
        }
    }

    /// The kind's name in Vietnamese.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::Central => "Cơ quan trung ương",
            Self::PartyCommittee => "Cấp ủy",
            Self::PartyBody => "Cơ quan của Đảng",
            Self::PeoplesCommittee => "Ủy ban nhân dân",
            Self::Department => "Sở, ban, ngành",
            Self::District => "Quận, huyện, thị xã",
            Self::Commune => "Xã, phường",
            Self::MassOrganisation => "Mặt trận và đoàn thể",
            Self::PublicService => "Đơn vị sự nghiệp",
            Self::Press => "Cơ quan báo chí",
            Self::Other => "Khác",
        }
    }
}

/// How a unit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "UnitEnd")]
pub enum EndKind {
    /// Hợp nhất, sáp nhập: into one successor, as a whole.
    Merged,
    /// Chia: among two or more successors, each a part.
    Divided,
    /// Giải thể, kết thúc hoạt động: with or without successors for parts.
    Dissolved,
}

/// How much of a unit went to a successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// All of it.
    Whole,
    /// A part of it.
    Part,
}

/// Where a unit, or a part of it, went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Successor {
    /// The unit that follows.
    pub unit: UnitId,
    /// How much it took over.
    pub extent: Extent,
}

/// What is asked of units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Command {
    /// A unit comes to be. `effective` is the day from which it exists.
    #[serde(rename = "unit.form")]
    Form {
        unit: UnitId,
        name: Line,
        kind: Kind,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<UnitId>,
        /// An official code: administrative unit code, electronic identifier.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<Line>,
        /// The document that ordered it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<DocumentId>,
    },
    /// A unit gets another name; it stays the same unit.
    #[serde(rename = "unit.rename")]
    Rename {
        unit: UnitId,
        name: Line,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<DocumentId>,
    },
    /// A unit gets another parent, or none.
    #[serde(rename = "unit.reparent")]
    Reparent {
        unit: UnitId,
        parent: Option<UnitId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<DocumentId>,
    },
    /// A part of a unit (territory, function) goes to another; both stay.
    #[serde(rename = "unit.cede_part")]
    CedePart {
        unit: UnitId,
        to: UnitId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        what: Option<Line>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<DocumentId>,
    },
    /// Units end and go as wholes into one that exists by then.
    #[serde(rename = "unit.merge")]
    Merge {
        units: Vec<UnitId>,
        into: UnitId,
        /// Obligations not yet due that move with it, named one by one. None named, none moves.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        transfer: Vec<ObligationId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<DocumentId>,
    },
    /// A unit ends and its parts go to two or more that exist by then.
    #[serde(rename = "unit.divide")]
    Divide {
        unit: UnitId,
        among: Vec<UnitId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<DocumentId>,
    },
    /// A unit ends; parts of it may go elsewhere.
    #[serde(rename = "unit.dissolve")]
    Dissolve {
        unit: UnitId,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        parts_to: Vec<UnitId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<DocumentId>,
    },
}

/// What became true of a unit. Names of variants and fields are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Event {
    /// It exists from the effective day.
    #[serde(rename = "unit.formed.v1")]
    Formed {
        name: Line,
        kind: Kind,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<UnitId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<Line>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<DocumentId>,
    },
    /// It is called `name` from the effective day.
    #[serde(rename = "unit.renamed.v1")]
    Renamed {
        name: Line,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<DocumentId>,
    },
    /// It stands under `parent` from the effective day.
    #[serde(rename = "unit.reparented.v1")]
    Reparented {
        parent: Option<UnitId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<DocumentId>,
    },
    /// A part of it went to `to`; it lives on.
    #[serde(rename = "unit.part_ceded.v1")]
    PartCeded {
        to: UnitId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        what: Option<Line>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<DocumentId>,
    },
    /// The effective day is the first on which it does not exist any more.
    #[serde(rename = "unit.ended.v1")]
    Ended {
        how: EndKind,
        successors: Vec<Successor>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<DocumentId>,
    },
}

/// How and when a unit ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// The first day without it.
    pub on: Date,
    /// How it ended.
    pub how: EndKind,
    /// Where it went.
    pub successors: Vec<Successor>,
    /// The document that ordered it.
    pub basis: Option<DocumentId>,
}

/// A unit as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// What sort of organisation it is.
    pub kind: Kind,
    /// An official code.
    pub code: Option<Line>,
    /// The first day on which it exists.
    pub formed: Date,
    /// Its names, each from a day on, oldest first; never empty.
    pub names: Vec<(Date, Line)>,
    /// Its parents, each from a day on, oldest first; never empty.
    pub parents: Vec<(Date, Option<UnitId>)>,
    /// Parts that went elsewhere while it lived.
    pub ceded: Vec<(Date, UnitId)>,
    /// How it ended, if it did.
    pub ended: Option<Ending>,
}

impl Unit {
    /// Whether it exists on `day`.
    pub fn alive_on(&self, day: Date) -> bool {
        self.formed <= day && self.ended.as_ref().is_none_or(|end| day < end.on)
    }

    /// What it is called on `day`; before its first day, by its first name.
    pub fn name_on(&self, day: Date) -> &Line {
        &in_force(&self.names, day).1
    }

    /// What it was called last.
    pub fn name(&self) -> &Line {
        self.name_on(Date::MAX)
    }

    /// Under what it stands on `day`.
    pub fn parent_on(&self, day: Date) -> Option<&UnitId> {
        in_force(&self.parents, day).1.as_ref()
    }

    /// The one unit that it went into as a whole, if there is one.
    pub fn whole_successor(&self) -> Option<&UnitId> {
        let whole = |s: &&Successor| s.extent == Extent::Whole;
        self.ended
            .as_ref()?
            .successors
            .iter()
            .find(whole)
            .map(|s| &s.unit)
    }
}

/// The last entry that begins by `day`, or the first of all.
fn in_force<T>(entries: &[(Date, T)], day: Date) -> &(Date, T) {
    let by_then = entries.iter().rev().find(|(from, _)| *from <= day);
    by_then
        .or(entries.first())
        .expect("a unit is formed with a name and a parent entry")
}

refusals!("unit" {
    /// A merger names the units that end.
    NothingToMerge = "nothing_to_merge", "a merger names at least one unit";
    /// A division has at least two parts.
    TooFewParts = "too_few_parts", "a division names at least two different units";
    /// A unit cannot go into itself, or stand under itself.
    Itself = "itself", "a unit cannot be merged into, divided among or placed under itself";
    /// A document named as basis is not in the ledger.
    UnknownBasis = "unknown_basis", "the document named as basis is not in the ledger";
    /// A unit named is not in the ledger.
    Unknown = "unknown", "no such unit is in the ledger";
    /// An id is given once: another unit of the same name gets another id.
    AlreadyFormed = "already_formed", "a unit of this id has been formed already, with other facts";
    /// It does not exist on the effective day.
    NotAlive = "not_alive", "the unit does not exist on the effective day";
    /// Following parents must lead out of the tree.
    ParentCycle = "parent_cycle", "the new parent stands below the unit";
    /// A later fact builds on what was so; history is told in order.
    OutOfOrder = "out_of_order", "a later change of the unit is recorded already";
    /// An obligation to be moved is not one of the ending units' own open obligations.
    NotOwed = "not_owed", "the obligation is not an open one of a unit that ends";
});

/// Tells `unit` one more fact, true from `on`.
///
/// `None` where the event cannot follow: the store has verified the history by then, so a caller
/// that meets it has met a bug.
pub fn evolve(unit: Option<Unit>, on: Date, event: &Event) -> Option<Unit> {
    if let Event::Formed {
        name,
        kind,
        parent,
        code,
        basis: _,
    } = event
    {
        let born = Unit {
            kind: *kind,
            code: code.clone(),
            formed: on,
            names: vec![(on, name.clone())],
            parents: vec![(on, parent.clone())],
            ceded: Vec::new(),
            ended: None,
        };
        return unit.is_none().then_some(born);
    }
    let mut unit = unit?;
    match event {
        Event::Formed { .. } => unreachable!("handled above"),
        Event::Renamed { name, basis: _ } => unit.names.push((on, name.clone())),
        Event::Reparented { parent, basis: _ } => unit.parents.push((on, parent.clone())),
        Event::PartCeded {
            to,
            what: _,
            basis: _,
        } => unit.ceded.push((on, to.clone())),
        Event::Ended {
            how,
            successors,
            basis,
        } => {
            let successors = successors.clone();
            unit.ended = Some(Ending {
                on,
                how: *how,
                successors,
                basis: basis.clone(),
            });
        }
    }
    Some(unit)
}

#[cfg(test)]
pub(crate) mod tests;
