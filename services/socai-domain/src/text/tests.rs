use proptest::prelude::*;

use super::*;

fn rank(query: &str, text: &str) -> Option<Rank> {
    SearchKey::new(text).rank(&SearchKey::new(query))
}

fn sorted(names: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    names.sort_by_cached_key(|name| CollationKey::new(name));
    names
}

#[test]
fn folding_drops_marks_case_and_extra_space() {
    assert_eq!(fold("  Đường\u{a0} LÁNG "), "duong lang");
    assert_eq!(fold("Ủy ban nhân dân"), "uy ban nhan dan");
    assert_eq!(fold("Ðảng"), "dang", "eth is read as Đ");
}

#[test]
fn decomposed_text_is_stored_composed() {
    assert_eq!(stored("U\u{309}y ban"), "Ủy ban");
}

#[test]
fn a_query_without_marks_finds_a_text_with_them() {
    assert_eq!(rank("duong", "Đường Láng"), Some(Rank::Folded));
    assert_eq!(rank("chi thi 25", "Chỉ thị 25-CT/TU"), Some(Rank::Folded));
    assert_eq!(rank("25 ct tu", "Chỉ thị 25-CT/TU"), Some(Rank::Accented));
    assert_eq!(rank("chi thi 25", "Chỉ thị 125-CT/TU"), None);
    assert_eq!(rank("25 chi thi", "Chỉ thị 25-CT/TU"), Some(Rank::Words));
}

#[test]
fn an_exact_accented_match_ranks_first() {
    let mut found = ["Đường", "Dưỡng", "Dương", "Đường Láng"];
    found.sort_by_key(|name| rank("dương", name));
    assert_eq!(found[0], "Dương");
    assert_eq!(rank("đường", "Đường Láng"), Some(Rank::Accented));
    assert_eq!(rank("dương", "Đường Láng"), Some(Rank::Folded));
    assert_eq!(rank("  -  ", "Đường"), None);
}

#[test]
fn names_sort_by_the_vietnamese_alphabet() {
    let order = [
        "an", "ăn", "ân", "ba", "da", "đa", "em", "êm", "on", "ôn", "ơn", "ung", "ưng", "yên",
    ];
    let mut mixed = order;
    mixed.reverse();
    assert_eq!(sorted(&mixed), order);
}

#[test]
fn tones_decide_after_all_letters() {
    let order = ["ma", "mà", "mả", "mã", "má", "mạ"];
    let mut mixed = order;
    mixed.reverse();
    assert_eq!(sorted(&mixed), order);
    assert_eq!(
        sorted(&["Mạ An", "Ma Ân"]),
        ["Mạ An", "Ma Ân"],
        "letters before tones"
    );
    assert_eq!(sorted(&["hoá", "hoà", "hóa", "hòa"])[..2], ["hoà", "hòa"]);
}

#[test]
fn numbers_sort_by_value() {
    assert_eq!(
        sorted(&["Phường 10", "Phường 2", "Phường 02"])[2],
        "Phường 10"
    );
    assert_eq!(sorted(&["Quận Ba", "Quận 3"])[0], "Quận 3");
}

proptest! {
    #[test]
    fn folding_twice_changes_nothing_more(text in "\\PC*") {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
    }

    #[test]
    fn every_text_finds_itself(text in "\\PC*") {
        let found = rank(&text, &text);
        prop_assert!(found.is_none() || found == Some(Rank::Same));
    }

    #[test]
    fn equal_keys_mean_equal_stored_text(a in "[aăâàảeê ]{0,4}", b in "[aăâàảeê ]{0,4}") {
        prop_assert_eq!(CollationKey::new(&a) == CollationKey::new(&b), stored(&a) == stored(&b));
    }
}
