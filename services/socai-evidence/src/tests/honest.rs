use socai_domain::evidence::Of;

use super::given::{World, codes, judged, of_unit, query};
use crate::archive;
use crate::verdict::Outcome;
use crate::{names, verify};

fn queries() -> [crate::Query; 3] {
    [
        of_unit(),
        query(Of::Document("ct-01".parse().unwrap())),
        query(Of::Obligation("bc_2024-q1_snv".parse().unwrap())),
    ]
}

#[test]
fn an_honest_bundle_is_valid_and_the_same_every_time() {
    for query in queries() {
        let world = World::exported(&query);
        let zip = world.bundle(&query);
        assert_eq!(zip, world.bundle(&query));
        let verdict = judged(&world, &zip);
        assert_eq!(verdict.outcome(), Outcome::Valid, "{:?}", verdict.findings);
        assert_eq!(codes(&verdict), Vec::<&str>::new());
        assert_eq!(verdict.about.unwrap().cosigned.len(), 2);
    }
}

#[test]
fn without_a_policy_or_a_quorum_it_is_not_enough() {
    let query = of_unit();
    let mut world = World::exported(&query);
    let verdict = verify(&world.bundle(&query), None, 24);
    assert_eq!(codes(&verdict), ["bundle.no_policy"]);
    assert_eq!(verdict.outcome(), Outcome::Incomplete);

    world.notes.pop();
    world.seal(&[0]);
    let verdict = judged(&world, &world.bundle(&query));
    assert_eq!(codes(&verdict), ["bundle.uncosigned"]);
    assert_eq!(verdict.outcome(), Outcome::Incomplete);
    assert!(verdict.findings[0].to_string().contains("cosigned by: one"));

    let alone = world.policy("none");
    let verdict = verify(&world.bundle(&query), Some(&alone), 24);
    assert_eq!(codes(&verdict), ["bundle.no_witness_asked"]);
    assert_eq!(verdict.outcome(), Outcome::Valid);
}

#[test]
fn the_page_shows_the_records_and_nothing_of_them_becomes_markup() {
    let query = of_unit();
    let world = World::exported(&query);
    let files = archive::unpack(&world.bundle(&query)).unwrap();
    let page = String::from_utf8(files[names::PAGE].clone()).unwrap();
    for shown in [
        "Báo cáo &lt;quý&gt;",
        "Nộp báo cáo",
        "Report submitted",
        "Sở snv",
        "31/03/2024",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(!page.contains("<quý>") && !page.contains("<script"));
}
