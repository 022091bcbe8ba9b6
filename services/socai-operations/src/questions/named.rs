//! What a parameter names, found in the ledger.

use jiff::civil::Date;
use socai_domain::group::Addressee;
use socai_domain::id::{DocumentId, GroupId, UnitId};
use socai_domain::number::Number;
use socai_domain::permission::Scope;
use socai_domain::subject::Subject;
use socai_ledger::image::Image;

use crate::sight::sees;
use crate::trouble::Trouble;

/// The document of this id, or the only one of this number.
///
/// # Errors
///
/// Where there is none, or several: a number is not an identity.
pub fn document(image: &Image, written: &str) -> Result<DocumentId, Trouble> {
    let documents = &image.registry().documents;
    if let Ok(id) = DocumentId::new(written)
        && documents.contains_key(&id)
    {
        return Ok(id);
    }
    let Ok(wanted) = Number::parse(written) else {
        let says = "no document has this id, and it does not read as a number";
        return Err(Trouble::not_found("document", written, says));
    };
    let same = |number: &str| {
        Number::parse(number).is_ok_and(|number| number.normalised == wanted.normalised)
    };
    let known = documents.iter();
    let found: Vec<&DocumentId> = known
        .filter(|(_, known)| {
            known
                .number
                .as_ref()
                .is_some_and(|number| same(number.as_str()))
        })
        .map(|(id, _)| id)
        .collect();
    match found[..] {
        [id] => Ok(id.clone()),
        [] => Err(Trouble::not_found(
            "document",
            written,
            "no document has this id or number",
        )),
        _ => {
            let ids: Vec<&str> = found.iter().map(|id| id.as_str()).collect();
            let sentence = format!(
                "{written}: several documents have this number: {}",
                ids.join(", ")
            );
            Err(Trouble::parameter("document", sentence))
        }
    }
}

/// As [`document`], where one is named.
///
/// # Errors
///
/// As [`document`].
pub fn only_document(
    image: &Image,
    written: Option<&String>,
) -> Result<Option<DocumentId>, Trouble> {
    written.map(|written| document(image, written)).transpose()
}

/// Checks that the unit is there, and for whoever asks to see.
///
/// # Errors
///
/// Where it is not.
pub fn unit(image: &Image, scope: &Scope, unit: &UnitId) -> Result<(), Trouble> {
    let seen = sees(image, scope, &Subject::Unit(unit.clone()));
    if seen && image.registry().unit(unit).is_some() {
        return Ok(());
    }
    let says = "no such unit is in the ledger (search finds ids by name)";
    Err(Trouble::not_found("unit", unit.as_str(), says))
}

/// Checks that the group is there.
///
/// # Errors
///
/// Where it is not.
pub fn group(image: &Image, group: &GroupId) -> Result<(), Trouble> {
    if image.registry().groups.contains_key(group) {
        return Ok(());
    }
    Err(Trouble::not_found(
        "group",
        group.as_str(),
        "no such group is in the ledger",
    ))
}

/// Whether `unit` is among `addressees` on a day, alone or as a member of a group.
pub fn among(image: &Image, addressees: &[Addressee], unit: &UnitId, day: Date) -> bool {
    let groups = &image.registry().groups;
    addressees.iter().any(|addressee| match addressee {
        Addressee::Unit(addressed) => addressed == unit,
        Addressee::Group(group) => groups
            .get(group)
            .is_some_and(|group| group.members_on(day).any(|member| member == unit)),
    })
}
