//! How the bundle's own files are written: JSON in one line, and hashes in base64.

use serde::Serialize;
use serde::de::DeserializeOwned;
use socai_tlog::Hash;

/// `value` as JSON in one line.
pub(crate) fn json_line(value: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).expect("a struct of plain values becomes JSON");
    line.push(b'\n');
    line
}

/// Reads what [`json_line`] wrote, and nothing that is written otherwise: no white space, no other order of
/// members, no member twice, no number or text in another spelling.
pub(crate) fn read_json_line<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let value: T = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if json_line(&value) == bytes {
        Ok(value)
    } else {
        Err("the same content is written in another way".to_owned())
    }
}

/// The hashes of a text that has one in each line.
pub(crate) fn hash_lines(bytes: &[u8]) -> Option<Vec<Hash>> {
    let text = str::from_utf8(bytes).ok()?;
    if text.is_empty() {
        return Some(Vec::new());
    }
    let lines = text.strip_suffix('\n')?.split('\n');
    lines.map(|line| line.parse().ok()).collect()
}

/// The text that [`hash_lines`] reads.
pub(crate) fn lines_of_hashes(hashes: &[Hash]) -> Vec<u8> {
    let lines = hashes.iter().map(|hash| format!("{hash}\n"));
    lines.collect::<String>().into_bytes()
}

/// A hash in JSON, for `#[serde(with = "hash")]`.
pub(crate) mod hash {
    use serde::{Deserialize, Deserializer, Serializer, de};
    use socai_tlog::Hash;

    pub(crate) fn serialize<S: Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(hash)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Hash, D::Error> {
        let text = String::deserialize(input)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Hashes in JSON, for `#[serde(with = "hashes")]`.
pub(crate) mod hashes {
    use serde::{Deserialize, Deserializer, Serializer, de};
    use socai_tlog::Hash;

    pub(crate) fn serialize<S: Serializer>(all: &[Hash], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(all.iter().map(ToString::to_string))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<Hash>, D::Error> {
        let texts = Vec::<String>::deserialize(input)?;
        let parsed = texts.iter().map(|text| text.parse());
        parsed.collect::<Result<_, _>>().map_err(de::Error::custom)
    }
}
