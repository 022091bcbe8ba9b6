//! Names typed by people, found in the ledger.

use anyhow::bail;
use socai_domain::id::{DocumentId, GroupId, UnitId};
use socai_domain::number::Number;
use socai_ledger::image::Image;

/// The document of this id, or the only one of this number.
///
/// # Errors
///
/// Where there is none, or several: a number is not an identity.
pub(crate) fn document(image: &Image, typed: &str) -> anyhow::Result<DocumentId> {
    let documents = &image.registry().documents;
    if let Ok(id) = DocumentId::new(typed)
        && documents.contains_key(&id)
    {
        return Ok(id);
    }
    let Ok(wanted) = Number::parse(typed) else {
        bail!("--document {typed}: no document has this id, and it does not read as a number");
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
        [] => bail!("--document {typed}: no document has this id or number"),
        _ => {
            let ids: Vec<&str> = found.iter().map(|id| id.as_str()).collect();
            bail!(
                "--document {typed}: several documents have this number: {}",
                ids.join(", ")
            )
        }
    }
}

/// Checks that the unit is there.
///
/// # Errors
///
/// Where it is not.
pub(crate) fn unit(image: &Image, unit: &UnitId) -> anyhow::Result<()> {
    if image.registry().unit(unit).is_none() {
        bail!("--unit {unit}: no such unit is in the ledger (socai search finds ids by name)");
    }
    Ok(())
}

/// Checks that the group is there.
///
/// # Errors
///
/// Where it is not.
pub(crate) fn group(image: &Image, group: &GroupId) -> anyhow::Result<()> {
    if !image.registry().groups.contains_key(group) {
        bail!("--group {group}: no such group is in the ledger");
    }
    Ok(())
}
