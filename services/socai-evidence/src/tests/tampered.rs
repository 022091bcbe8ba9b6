//! What somebody may do to a bundle, one after the other, each time with hashes in the manifest that fit: and by which
//! sentence it is told.

use socai_tlog::cosignature::cosign;
use socai_tlog::{KeyKind, Note};

use super::given::{
    ORIGIN, START, World, codes, files, judged, key, manifest_of, of_unit, repaired,
};
use crate::archive::{self, Files};
use crate::compose::compose;
use crate::finding::Weight;
use crate::manifest::Manifest;
use crate::verdict::{Outcome, Verdict};
use crate::{names, verify};

/// The verdict on the bundle of the unit after `tamper`; the manifest's hashes are repaired after it.
fn after(tamper: impl FnOnce(&mut Files, &mut Manifest)) -> Verdict {
    let world = World::exported(&of_unit());
    let mut files = files(&world.bundle(&of_unit()));
    let mut manifest = manifest_of(&files);
    tamper(&mut files, &mut manifest);
    let zip = repaired(files, |made| {
        manifest.files = std::mem::take(&mut made.files);
        *made = manifest;
    });
    judged(&world, &zip)
}

fn is_invalid(verdict: &Verdict, code: &str) {
    assert!(
        codes(verdict).contains(&code),
        "{code}: {:?}",
        verdict.findings
    );
    assert_eq!(verdict.outcome(), Outcome::Invalid, "{code}");
}

fn replace(files: &mut Files, name: &str, from: &str, to: &str) {
    let text = String::from_utf8(files[name].clone()).unwrap();
    assert!(text.contains(from), "{name}: {text}");
    files.insert(name.to_owned(), text.replace(from, to).into_bytes());
}

fn swap(files: &mut Files, one: &str, other: &str) {
    let bytes = files[one].clone();
    let bytes = files.insert(other.to_owned(), bytes).unwrap();
    files.insert(one.to_owned(), bytes);
}

fn drop_record(files: &mut Files, manifest: &mut Manifest, position: u64) {
    files.remove(&names::record(position)).unwrap();
    files.remove(&names::proof(position)).unwrap();
    manifest.selected.retain(|at| *at != position);
    manifest.tail.retain(|at| *at != position);
}

#[test]
fn a_byte_of_any_file_that_is_edited_without_the_manifest_is_seen() {
    let world = World::exported(&of_unit());
    let files = files(&world.bundle(&of_unit()));
    for name in files.keys() {
        let mut edited = files.clone();
        let bytes = edited.get_mut(name).unwrap();
        let Some(byte) = bytes.last_mut() else {
            continue;
        };
        *byte ^= 1;
        let verdict = verify(&archive::pack(&edited), None, 24);
        assert_eq!(verdict.outcome(), Outcome::Invalid, "{name}");
    }
}

#[test]
fn an_edited_record_is_not_the_one_that_was_sealed() {
    let verdict = after(|files, _| replace(files, "records/8.json", "\"snv\"", "\"stc\""));
    is_invalid(&verdict, "bundle.not_sealed");
    let text = verdict.findings[0].to_string();
    assert!(
        text.contains("position 8") && text.contains("altered"),
        "{text}"
    );
}

#[test]
fn an_event_that_is_left_out_is_missed() {
    let verdict = after(|files, manifest| drop_record(files, manifest, 8));
    is_invalid(&verdict, "bundle.event_missing");
    is_invalid(&verdict, "bundle.export_differs");
}

#[test]
fn the_last_event_of_a_stream_is_missed_too() {
    let verdict = after(|files, manifest| {
        drop_record(files, manifest, 9);
        let mut streams = manifest.streams.iter_mut();
        let head = streams.find(|head| head.last == 9).unwrap();
        (head.revision, head.last) = (1, 8);
    });
    is_invalid(&verdict, "bundle.last_events_missing");
    is_invalid(&verdict, "bundle.head_unproven");
}

#[test]
fn a_stream_whose_events_are_all_left_out_is_not_proven_to_be_empty() {
    let verdict = after(|files, manifest| {
        drop_record(files, manifest, 8);
        drop_record(files, manifest, 9);
        let mut streams = manifest.streams.iter_mut();
        let head = streams.find(|head| head.last == 9).unwrap();
        (head.revision, head.last) = (0, 0);
    });
    is_invalid(&verdict, "bundle.absence_unproven");
    is_invalid(&verdict, "bundle.last_events_missing");
}

#[test]
fn an_obligation_that_is_left_out_whole_is_missed() {
    let verdict = after(|files, manifest| {
        drop_record(files, manifest, 8);
        drop_record(files, manifest, 9);
        manifest.streams.retain(|head| head.last != 9);
    });
    assert!(
        codes(&verdict).contains(&"bundle.omitted"),
        "{:?}",
        verdict.findings
    );
    is_invalid(&verdict, "bundle.export_differs");
}

#[test]
fn an_exporter_who_leaves_an_obligation_out_from_the_start_is_told() {
    let (all, part) = (of_unit(), super::given::query_without_task());
    let world = World::exported_as(&all, &part);
    let verdict = judged(&world, &compose(&world.facts_as(&all, &part)));
    assert_eq!(codes(&verdict), ["bundle.omitted"]);
    assert_eq!(verdict.outcome(), Outcome::Incomplete);
    assert!(verdict.findings[0].to_string().contains("ra-soat_snv"));
}

#[test]
fn records_in_another_order_are_told_from_sealed_ones() {
    let verdict = after(|files, _| swap(files, "records/8.json", "records/9.json"));
    is_invalid(&verdict, "bundle.reordered");
    let text = verdict.findings[0].to_string();
    assert!(
        text.contains("position 8") && text.contains("position 9"),
        "{text}"
    );
}

#[test]
fn exchanged_proofs_are_told() {
    let verdict = after(|files, _| {
        swap(files, "proofs/8.tlog-proof", "proofs/9.tlog-proof");
    });
    is_invalid(&verdict, "bundle.proof_exchanged");
}

#[test]
fn a_proof_that_ends_in_another_checkpoint_is_told() {
    let verdict = after(|files, _| {
        let earlier = files["checkpoints/11-1.note"].clone();
        let proof = String::from_utf8(files["proofs/8.tlog-proof"].clone()).unwrap();
        let (head, _) = proof.split_once("\n\n").unwrap();
        let moved = [head.as_bytes(), b"\n\n", &earlier].concat();
        files.insert("proofs/8.tlog-proof".to_owned(), moved);
    });
    is_invalid(&verdict, "bundle.proof_ends_elsewhere");
}

#[test]
fn a_checkpoint_of_another_ledger_is_told() {
    let other = key("socai/other", KeyKind::Ed25519, 9);
    let mut checkpoint = World::exported(&of_unit()).checkpoint();
    checkpoint.origin = "socai/other".to_owned();
    checkpoint.size = 5;
    let note = checkpoint.sign(&[&other]).to_string().into_bytes();
    let verdict = after(|files, _| {
        files.insert("checkpoints/5-1.note".to_owned(), note);
    });
    is_invalid(&verdict, "bundle.other_log");
    is_invalid(&verdict, "bundle.rewritten");
    is_invalid(&verdict, "bundle.badly_signed");
}

#[test]
fn without_its_cosignatures_the_top_is_uncosigned() {
    let mut world = World::exported(&of_unit());
    world.notes.pop();
    world.seal(&[]);
    let verdict = judged(&world, &world.bundle(&of_unit()));
    assert_eq!(codes(&verdict), ["bundle.uncosigned"]);
    assert_eq!(verdict.outcome(), Outcome::Incomplete);
}

#[test]
fn an_altered_cosignature_is_told() {
    let mut world = World::exported(&of_unit());
    let top = world.notes.last_mut().unwrap();
    let cosignature = top.signatures.last_mut().unwrap();
    *cosignature.bytes.last_mut().unwrap() ^= 1;
    let verdict = judged(&world, &world.bundle(&of_unit()));
    is_invalid(&verdict, "bundle.badly_signed");
    assert!(
        verdict.findings[0].to_string().contains("w3"),
        "{:?}",
        verdict.findings
    );
}

#[test]
fn two_roots_of_one_size_are_told() {
    let mut world = World::exported(&of_unit());
    let mut other = world.checkpoint();
    other.size = 5;
    world.notes.insert(5, other.sign(&[&world.log]));
    let verdict = judged(&world, &world.bundle(&of_unit()));
    is_invalid(&verdict, "bundle.two_roots");
}

#[test]
fn a_rewritten_history_does_not_go_on_from_what_was_cosigned() {
    let mut world = World::exported(&of_unit());
    let cosigned: Vec<Note> = world.notes.clone();
    let record = world.records[7].clone();
    world.records[7] = String::from_utf8(record)
        .unwrap()
        .replace("van-thu", "ke-gian")
        .into_bytes();
    world.notes.pop();
    world.seal(&[]);
    let top = world.notes.len() - 1;
    // The thief of the log's key signs the new history; the cosignatures of the real one do not fit it.
    let verdict = judged(&world, &world.bundle(&of_unit()));
    is_invalid(&verdict, "bundle.rewritten");
    world.notes[top]
        .signatures
        .extend_from_slice(&cosigned[top].signatures[1..]);
    world.notes.drain(..top);
    let verdict = judged(&world, &world.bundle(&of_unit()));
    is_invalid(&verdict, "bundle.badly_signed");
}

#[test]
fn another_query_or_size_in_the_manifest_does_not_fit_the_recorded_export() {
    let verdict = after(|_, manifest| manifest.query.to = jiff::civil::date(2025, 12, 31));
    is_invalid(&verdict, "bundle.export_differs");
    let verdict = after(|_, manifest| manifest.export -= 1);
    is_invalid(&verdict, "bundle.no_export");
    let verdict = after(|_, manifest| manifest.size -= 1);
    assert_eq!(verdict.outcome(), Outcome::Invalid);
    let verdict = after(|_, manifest| manifest.origin = "socai/other".to_owned());
    is_invalid(&verdict, "bundle.other_log");
    let verdict = after(|_, manifest| {
        let (taken, _) = (manifest.tail.remove(0), ());
        manifest.selected.push(taken);
    });
    is_invalid(&verdict, "bundle.tail_gap");
}

#[test]
fn whatever_is_hidden_after_the_heads_leaves_a_gap() {
    let verdict = after(|files, manifest| drop_record(files, manifest, 12));
    is_invalid(&verdict, "bundle.tail_gap");
    is_invalid(&verdict, "bundle.no_export");
}

#[test]
fn heads_that_were_not_sealed_prove_nothing() {
    let verdict = after(|files, _| replace(files, names::HEADS, "\"streams\":8", "\"streams\":9"));
    is_invalid(&verdict, "bundle.heads_differ");
}

#[test]
fn an_altered_page_is_told_and_a_page_of_another_version_is_not_compared() {
    let verdict = after(|files, _| replace(files, names::PAGE, "Nộp báo cáo", "Chưa nộp báo cáo"));
    is_invalid(&verdict, "bundle.page_altered");
    let verdict = after(|files, _| replace(files, names::INSTRUCTIONS, "không hợp lệ", "hợp lệ"));
    is_invalid(&verdict, "bundle.page_altered");
    let verdict = after(|_, manifest| manifest.index += 1);
    assert_eq!(codes(&verdict), ["bundle.page_unknown"]);
    assert_eq!(verdict.outcome(), Outcome::Incomplete);
}

#[test]
fn files_that_do_not_belong_and_files_that_are_missing_are_named() {
    let verdict = after(|files, _| {
        files.insert("records/5000.json".to_owned(), b"{}".to_vec());
    });
    is_invalid(&verdict, "bundle.file_foreign");
    let verdict = after(|files, _| {
        files.remove("proofs/8.tlog-proof");
    });
    is_invalid(&verdict, "bundle.file_missing");
    let verdict = after(|files, _| {
        files.remove("checkpoints/5.consistency");
    });
    is_invalid(&verdict, "bundle.file_missing");
}

#[test]
fn a_key_counts_from_where_the_ledger_names_it_to_where_it_is_retired() {
    let (query, thief) = (of_unit(), key(ORIGIN, KeyKind::Ed25519, 7));
    let mut world = World::told();
    world.log = thief;
    world.export(&query);
    let verdict = judged(&world, &world.bundle(&query));
    // The policy has the thief's key, the ledger never named it.
    is_invalid(&verdict, "bundle.key_not_named");

    // What it signed alone above the size counts no more, unless the quorum vouches for it.
    let mut world = World::told();
    let retired = world.retire("rotation", 5);
    assert!(retired > 5);
    world.export(&query);
    let verdict = judged(&world, &world.bundle(&query));
    assert_eq!(codes(&verdict), Vec::<&str>::new());
    world.notes.pop();
    world.seal(&[0]);
    let verdict = judged(&world, &world.bundle(&query));
    is_invalid(&verdict, "bundle.key_retired");
}

#[test]
fn a_stolen_key_alone_vouches_for_nothing() {
    let query = of_unit();
    let mut world = World::told();
    world.retire("stolen", 1000);
    world.export(&query);
    let cosigned = judged(&world, &world.bundle(&query));
    assert_eq!(codes(&cosigned), Vec::<&str>::new());
    world.notes.pop();
    world.seal(&[0]);
    is_invalid(&judged(&world, &world.bundle(&query)), "bundle.key_stolen");
}

#[test]
fn a_retirement_is_not_taken_back_by_a_later_one() {
    for later in [("rotation", 5), ("stolen", 1000)] {
        let mut world = World::told();
        world.retire("stolen", 8);
        world.retire(later.0, later.1);
        world.export(&of_unit());
        world.notes.pop();
        world.seal(&[0]);
        let verdict = judged(&world, &world.bundle(&of_unit()));
        is_invalid(&verdict, "bundle.key_retired");
    }
}

/// Of the notes of a key that was stolen, those below the top that too few cosigned are left aside.
#[test]
fn a_note_below_the_top_that_does_not_count_tells_no_time_and_harms_nothing() {
    let query = of_unit();
    for valid_to in [1000, 8, 1] {
        let mut world = World::told();
        world.retire("stolen", valid_to);
        world.export(&query);
        let whole = judged(&world, &world.bundle(&query));
        // Of the note of size 7, which says that record 8 came later, one cosignature is left.
        let kept = world.notes[6].signatures.len() - 1;
        world.notes[6].signatures.truncate(kept);
        let verdict = judged(&world, &world.bundle(&query));
        assert_eq!(codes(&verdict), ["bundle.does_not_count"], "{valid_to}");
        assert_eq!(verdict.outcome(), Outcome::Valid, "{valid_to}");
        let text = verdict.findings[0].to_string();
        assert!(text.contains("checkpoints/7-1.note"), "{text}");
        let after = |verdict: &Verdict| {
            let line = verdict.records.iter().find(|line| line.position == 8);
            line.unwrap().bracket.after.unwrap()
        };
        assert!(after(&verdict) < after(&whole), "{valid_to}");
    }
}

#[test]
fn a_cosignature_by_nobody_known_does_not_count() {
    let mut world = World::exported(&of_unit());
    world.notes.pop();
    world.seal(&[0]);
    let stranger = key("stranger", KeyKind::CosignatureV1, 66);
    let top = world.notes.last_mut().unwrap();
    top.add(cosign(&top.text.clone(), &stranger, START));
    let verdict = judged(&world, &world.bundle(&of_unit()));
    assert_eq!(codes(&verdict), ["bundle.uncosigned"]);
}

#[test]
fn two_bundles_of_one_history_agree_and_of_two_do_not() {
    let query = of_unit();
    let world = World::exported(&query);
    let told = |one: &World, other: &World| {
        let [one, other] =
            [one, other].map(|world| crate::Bundle::read(&world.bundle(&query)).unwrap());
        let found = crate::compare::compare(&one, &other);
        let codes = found.iter().map(crate::compare::Difference::code);
        codes
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&world, &world), Vec::<&str>::new());
    let mut forked = World::exported(&query);
    forked.tell("unit.stc", "unit.renamed.v1", r#"{"name":"Sở khác"}"#);
    let mut other = World::exported(&query);
    other.tell("unit.stc", "unit.renamed.v1", r#"{"name":"Sở khác nữa"}"#);
    assert_eq!(
        told(&forked, &other),
        ["bundles.other_record", "bundles.split_view"]
    );
}

/// Two histories that part below sizes which no two of their checkpoints have in common.
#[test]
fn two_histories_are_told_by_what_stands_elsewhere_and_by_heads() {
    let query = of_unit();
    let mut one = World::told();
    one.export(&query);
    let mut other = World::told();
    other.tell("unit.stc", "unit.renamed.v1", r#"{"name":"Sở khác"}"#);
    other.tell("unit.other", "unit.formed.v1", r#"{"name":"Sở khác"}"#);
    other.export(&query);
    let [one, other] =
        [one, other].map(|world| crate::Bundle::read(&world.bundle(&query)).unwrap());
    let found = crate::compare::compare(&one, &other);
    let codes: std::collections::BTreeSet<_> =
        found.iter().map(crate::compare::Difference::code).collect();
    assert!(codes.contains("bundles.other_place"), "{found:?}");
    assert!(
        found
            .iter()
            .all(|difference| difference.weight() == Weight::Invalid),
        "{found:?}"
    );
}

/// What agrees as far as it goes, and is not shown to be one history, is not called one.
#[test]
fn two_bundles_that_nothing_connects_are_not_called_one_history() {
    let query = of_unit();
    let earlier = World::exported(&query);
    let mut later = World::exported(&query);
    later.tell("unit.unrelated", "unit.formed.v1", r#"{"name":"Sở khác"}"#);
    later.seal(&[0, 1]);
    let kept = later.notes.len() - 1;
    later.notes.drain(..kept);
    let [one, other] =
        [earlier, later].map(|world| crate::Bundle::read(&world.bundle(&query)).unwrap());
    let found = crate::compare::compare(&one, &other);
    let codes: Vec<_> = found.iter().map(crate::compare::Difference::code).collect();
    assert_eq!(codes, ["bundles.not_connected"]);
    assert_eq!(found[0].weight(), Weight::Incomplete);
}

/// What nothing else connects, a witness that cosigned both does.
#[test]
fn bundles_share_a_witness_where_both_are_valid_and_it_cosigned_both() {
    let query = of_unit();
    let world = World::exported(&query);
    let valid = judged(&world, &world.bundle(&query));
    assert!(valid.shares_a_witness_with(&valid));
    let mut half = World::exported(&query);
    half.notes.pop();
    half.seal(&[0]);
    let uncosigned = judged(&half, &half.bundle(&query));
    assert_eq!(codes(&uncosigned), ["bundle.uncosigned"]);
    assert!(!valid.shares_a_witness_with(&uncosigned));
}

/// A stream that one bundle shows without an event has one by the heads of the other.
#[test]
fn a_stream_that_is_empty_in_one_history_alone_is_told() {
    let query = of_unit();
    let read = |world: &World| crate::Bundle::read(&world.bundle(&query)).unwrap();
    let (mut empty, mut told) = (World::told(), World::told());
    empty.tell("unit.elsewhere", "unit.formed.v1", r#"{"name":"Sở khác"}"#);
    told.tell("obligation.ra-soat_snv", "task.acknowledged.v1", "{}");
    for world in [&mut empty, &mut told] {
        world.export(&query);
    }
    let (empty, told) = (read(&empty), read(&told));
    let found = crate::compare::compare(&empty, &told);
    let stream = "obligation.ra-soat_snv";
    let head = |one: &crate::compare::Difference| {
        one.code() == "bundles.other_head" && one.to_string().contains(stream)
    };
    assert!(found.iter().any(head), "{found:?}");
}
