//! Several sealers, and one place.

use super::*;

fn of_many(ledger: &Ledger, name: &str) -> Sealer {
    ledger.one_of_many(name, &Calls::default())
}

#[tokio::test]
async fn one_seals_and_another_takes_over_when_its_term_ends() {
    let ledger = Ledger::new().await;
    let (mut one, mut other) = (of_many(&ledger, "one"), of_many(&ledger, "other"));
    let first = level(one.step(at(0)).await.unwrap());
    let standing = other.step(at(9)).await.unwrap();
    assert!(
        matches!(&standing, Standing::StandingBy(seal) if seal.name == "one" && seal.term == 1)
    );
    assert_eq!(level(other.step(at(10)).await.unwrap()), first);
    // The first was only paused. It does not seal on.
    let standing = one.step(at(11)).await.unwrap();
    assert!(
        matches!(&standing, Standing::StandingBy(seal) if seal.name == "other" && seal.term == 2)
    );
    other.resign(at(12)).await.unwrap();
    ledger.record(1).await;
    assert_eq!(level(one.step(at(12)).await.unwrap()).size, 2);
    let standing = other.step(at(13)).await.unwrap();
    assert!(matches!(standing, Standing::StandingBy(seal) if seal.term == 3));
}

#[tokio::test]
async fn the_place_is_renewed_when_a_quarter_of_its_term_has_passed() {
    let ledger = Ledger::new().await;
    let calls = Calls::default();
    let mut sealer = Sealer::in_turn(ledger.ports(), ledger.place_with("one", &calls));
    let mut made = Vec::new();
    for tenths in [0, 10, 24, 25, 40, 49, 50] {
        let now = at(0) + SignedDuration::from_millis(100 * tenths);
        calls.plan(1_000, faulty::Fault::Fails);
        level(sealer.step(now).await.unwrap());
        made.push(calls.made());
    }
    assert_eq!(made, [2, 0, 0, 2, 0, 0, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_sealers_that_start_at_once_one_seals() {
    let ledger = Ledger::new().await;
    let started = (0..8).map(|n| {
        let mut sealer = of_many(&ledger, &n.to_string());
        tokio::spawn(async move { sealer.step(at(0)).await.unwrap() })
    });
    let mut sealing = 0;
    for standing in started.collect::<Vec<_>>() {
        sealing += u32::from(matches!(standing.await.unwrap(), Standing::Sealing { .. }));
    }
    assert_eq!(sealing, 1);
}

#[tokio::test]
async fn whoever_was_paused_past_its_term_does_not_sign_what_it_had_ready() {
    let ledger = Ledger::new().await;
    let (mut one, mut other) = (of_many(&ledger, "one"), of_many(&ledger, "other"));
    level(one.step(at(0)).await.unwrap());
    ledger.record(3).await;
    level(other.step(at(20)).await.unwrap());
    // Its clock stood still: it believes that the place is its own.
    ledger.record(1).await;
    assert_eq!(one.step(at(1)).await.unwrap(), Standing::Lost);
    // It looks again, and what it finds there it continues.
    assert_eq!(level(one.step(at(1)).await.unwrap()).size, 5);
    ledger.assert_one_history("a paused sealer").await;
}
