//! Sealers that all believe to be alone, on one log of checkpoints.

use super::*;

/// A sealer without a place, which lets others go first as `seed` wants it.
fn racer(ledger: &Ledger, seed: u64) -> Sealer {
    let calls = Calls::default();
    calls.mix(seed);
    let own = Ledger {
        tiles: MemoryTiles::default(),
        ..ledger.clone()
    };
    Sealer::alone(own.ports_with(&calls))
}

#[tokio::test]
async fn sealers_that_race_sign_one_history() {
    let (mut signed, mut lost) = (0, 0);
    for seed in 0..12 {
        let ledger = Ledger::new().await;
        let racers = (0..3).map(|n| {
            let (ledger, mut sealer) = (ledger.clone(), racer(&ledger, 3 * seed + n));
            tokio::spawn(async move {
                let mut lost = 0;
                for _ in 0..8 {
                    ledger.record(40).await;
                    let standing = sealer.step(at(0)).await.unwrap();
                    lost += usize::from(standing == Standing::Lost);
                }
                lost
            })
        });
        for racer in racers.collect::<Vec<_>>() {
            lost += racer.await.unwrap();
        }
        ledger.assert_one_history(&format!("seed {seed}")).await;
        signed += ledger.signed().await.len();
    }
    // They were in each other's way, and came on.
    assert!(signed > 50 && lost > 50, "{signed} signed, {lost} lost");
}
