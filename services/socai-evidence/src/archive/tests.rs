use std::io::Write as _;

use super::*;

fn files(names: &[&str]) -> Files {
    names
        .iter()
        .map(|name| ((*name).to_owned(), name.repeat(3).into_bytes()))
        .collect()
}

fn contents(files: &Files) -> Vec<&[u8]> {
    let mut contents: Vec<&[u8]> = files.values().map(Vec::as_slice).collect();
    contents.sort_unstable();
    contents
}

/// An archive as somebody else's program would write it.
fn made(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn the_same_files_give_the_same_bytes_and_come_back() {
    let files = files(&["manifest.json", "records/1.json", "index.html"]);
    let packed = pack(&files);
    assert_eq!(packed, pack(&files));
    assert_eq!(unpack(&packed).unwrap(), files);
}

/// With more files than 16 bits count, the end of an archive has another form.
#[test]
fn an_archive_of_very_many_files_comes_back() {
    let names: Vec<String> = (0..=SHORT_END_FILES_MAX)
        .map(|at| format!("records/{at}.json"))
        .collect();
    let files: Files = names.into_iter().map(|name| (name, Vec::new())).collect();
    assert_eq!(unpack(&pack(&files)).unwrap().len(), files.len());
}

#[test]
fn a_name_that_leads_elsewhere_is_refused() {
    let long = "a".repeat(NAME_BYTES_MAX + 1);
    for name in [
        "../up",
        "/etc/x",
        "a//b",
        "a/./b",
        "a\\b",
        "c:x",
        "ạ",
        long.as_str(),
    ] {
        let refused = unpack(&made(&[(name, b"x")]));
        assert!(
            matches!(refused, Err(BadArchive::Name(_))),
            "{name}: {refused:?}"
        );
    }
}

#[test]
fn a_name_that_comes_twice_is_refused() {
    let mut zip = made(&[("aa", b"one"), ("ab", b"two")]);
    let places: Vec<usize> = (0..zip.len() - 1)
        .filter(|at| &zip[*at..at + 2] == b"ab")
        .collect();
    for at in places {
        zip[at + 1] = b'a';
    }
    let refused = unpack(&zip);
    assert!(matches!(refused, Err(BadArchive::Twice)), "{refused:?}");
}

#[test]
fn what_is_packed_to_fill_memory_is_refused_before_it_does() {
    let bomb = made(&[("bomb", &vec![0; 8 << 20])]);
    assert!(bomb.len() < 16 << 10, "{} bytes", bomb.len());
    let refused = unpack(&bomb);
    assert!(matches!(refused, Err(BadArchive::Ratio(_))), "{refused:?}");
    // The central directory says how long a file is; a liar gains nothing by saying less.
    let mut liar = bomb.clone();
    let real = u32::to_le_bytes(8 << 20);
    for at in (0..liar.len() - 4).rev() {
        if liar[at..at + 4] == real {
            liar[at..at + 4].copy_from_slice(&u32::to_le_bytes(10));
        }
    }
    assert!(unpack(&liar).is_err());
}

#[test]
fn whatever_stands_around_the_archive_is_refused() {
    let zip = pack(&files(&["a"]));
    for around in [
        [b"MZ".as_slice(), &zip].concat(),
        [&zip, b"PS".as_slice()].concat(),
        [zip.as_slice(), &zip].concat(),
    ] {
        let refused = unpack(&around);
        assert!(refused.is_err(), "{refused:?}");
    }
    assert!(unpack(&zip[..zip.len() - 1]).is_err());
    assert!(unpack(b"").is_err());
    assert!(unpack(b"not a zip").is_err());
    let folder = made(&[("folder/", b"")]);
    assert!(unpack(&folder).is_err());
}

/// A field of its own, a comment, a file that the directory does not name: each is a place for a second reading.
#[test]
fn whatever_stands_within_the_archive_besides_is_refused() {
    let zip = pack(&files(&["a", "b"]));
    let end = zip.len() - END_BYTES as usize;
    let directory = u32::from_le_bytes(zip[end + 16..end + 20].try_into().unwrap()) as usize;
    let second = directory + LINE_BYTES as usize + 1;
    let put = |at: usize, count_at: usize, field: &[u8]| {
        let mut zip = zip.clone();
        zip[count_at] = u8::try_from(field.len()).unwrap();
        zip.splice(at..at, field.iter().copied());
        let end = zip.len() - END_BYTES as usize;
        let length = u32::try_from(end - directory).unwrap();
        zip[end + 12..end + 16].copy_from_slice(&length.to_le_bytes());
        zip
    };
    let field = b"xx\x02\x00ab";
    assert_eq!(unpack(&zip).unwrap(), files(&["a", "b"]));
    for (what, zip) in [
        ("a field", put(second, directory + 30, field)),
        (
            "a comment",
            put(second, directory + 32, b"read the other one"),
        ),
    ] {
        let refused = unpack(&zip);
        assert!(
            matches!(refused, Err(BadArchive::Extra(_))),
            "{what}: {refused:?}"
        );
    }
    let mut hidden = zip.clone();
    let local = zip[..directory].to_vec();
    hidden.splice(directory..directory, local);
    let at = hidden.len() - END_BYTES as usize + 16;
    let moved = u32::try_from(2 * directory).unwrap();
    hidden[at..at + 4].copy_from_slice(&moved.to_le_bytes());
    let refused = unpack(&hidden);
    assert!(refused.is_err(), "{refused:?}");
}

#[test]
fn no_flipped_bit_of_an_archive_gives_other_contents() {
    let files = files(&["manifest.json", "records/1.json"]);
    let packed = pack(&files);
    for at in 0..packed.len() {
        for bit in 0..8 {
            let mut flipped = packed.clone();
            flipped[at] ^= 1 << bit;
            if let Ok(read) = unpack(&flipped) {
                // A name may have changed with its bit: it is the manifest that knows the names.
                let (read, packed) = (contents(&read), contents(&files));
                assert_eq!(read, packed, "byte {at}, bit {bit}");
            }
        }
    }
}
