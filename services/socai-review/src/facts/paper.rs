//! The reviewed document, its issuer, and the chain below it.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::document::Relation;
use socai_domain::id::{DocumentId, UnitId};
use socai_domain::unit::Kind;

/// A document as it names itself. What the text leaves out is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// Its id.
    pub id: DocumentId,
    /// Its type in words.
    pub kind: String,
    /// Its number as spelled.
    pub number: Option<String>,
    /// Its date.
    pub date: Option<Date>,
    /// The name of its issuer at that time.
    pub issuer: Option<String>,
    /// What it is about; null for a secret document.
    pub subject: Option<String>,
    /// It is secret: registered elsewhere, and nothing of its content is here.
    pub secret: bool,
}

/// Who issued the reviewed document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The unit.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// Its kind: Party organs write in the Party's form, all others in the State's.
    pub kind: Kind,
    /// The name of the unit that it stands under.
    pub parent: Option<String>,
}

impl Issuer {
    /// Whether its papers have the Party's form.
    pub const fn is_party(&self) -> bool {
        match self.kind {
            Kind::PartyCommittee | Kind::PartyBody => true,
            Kind::Central
            | Kind::PeoplesCommittee
            | Kind::Department
            | Kind::District
            | Kind::Commune
            | Kind::MassOrganisation
            | Kind::PublicService
            | Kind::Press
            | Kind::Other => false,
        }
    }
}

/// A document below the reviewed one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Below {
    /// The document.
    pub document: Paper,
    /// How it hangs on the reviewed one: from itself upwards, a step a relation.
    pub path: Vec<Step>,
}

/// One relation of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The relation.
    pub relation: Relation,
    /// The document it leads to.
    pub to: DocumentId,
    /// What that document is called.
    pub name: String,
}
