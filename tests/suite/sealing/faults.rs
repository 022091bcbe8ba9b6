//! One call fails, at every place at which one is made: whoever comes after goes on, and never signs otherwise.

use proptest::prelude::*;

use super::faulty::{FAULTS, Fault};
use super::*;

/// What a process does before it ends: it seals, others record, it seals again.
async fn work(ledger: &Ledger, sealer: &mut Sealer) -> Vec<Result<Standing, SealError>> {
    let mut told = vec![sealer.step(at(0)).await];
    for count in [300, 1] {
        ledger.record(count).await;
        told.push(sealer.step(at(0)).await);
    }
    told
}

#[tokio::test]
async fn whichever_call_fails_and_however_the_next_sealer_goes_on() {
    let mut tried = 0;
    for fault in FAULTS {
        for call in 0.. {
            let story = format!("{fault:?} at call {call}");
            let (ledger, calls) = (Ledger::new().await, Calls::default());
            ledger.record(600).await;
            level(ledger.sealer().step(at(0)).await.unwrap());
            ledger.record(5).await;
            let place = ledger.place_with("one", &calls);
            let mut sealer = Sealer::in_turn(ledger.ports_with(&calls), place);
            calls.plan(call, fault);
            for told in work(&ledger, &mut sealer).await {
                if let Err(error) = told {
                    assert!(error.is_passing(), "{story}: {error}");
                }
            }
            let was_made = calls.heal();
            ledger.assert_one_history(&story).await;
            if !was_made {
                assert!(call > 30, "{story}");
                break;
            }
            tried += 1;
            // The same process, where it lives, and one that is started after it.
            if fault != Fault::Dies {
                level(sealer.step(at(1)).await.unwrap());
                ledger.assert_one_history(&story).await;
            }
            ledger.record(1).await;
            ledger.assert_goes_on(&story).await;
        }
    }
    println!("{tried} calls failed");
}

/// One thing that happens to a ledger with two sealers, each with tiles of its own.
#[derive(Debug, Clone, Copy)]
enum Happens {
    Recorded(u64),
    Step(usize),
    /// It is stopped, and started again with the tiles that it has.
    Restart(usize),
    /// It is started again without them.
    TilesLost(usize),
    /// One of its next calls fails.
    Planned(usize, usize, Fault),
    /// So many seconds pass.
    Pause(i64),
    /// It believes that no time has passed since it was last asked.
    ClockStands(usize),
}

fn happens() -> impl Strategy<Value = Happens> {
    let faults = prop::sample::select(FAULTS.to_vec());
    prop_oneof![
        4 => prop_oneof![0..4_u64, Just(255), Just(256), Just(257), 0..600_u64]
            .prop_map(Happens::Recorded),
        8 => (0..2_usize).prop_map(Happens::Step),
        1 => (0..2_usize).prop_map(Happens::Restart),
        1 => (0..2_usize).prop_map(Happens::TilesLost),
        2 => (0..2_usize, 0..20_usize, faults).prop_map(|(who, at, fault)| Happens::Planned(who, at, fault)),
        2 => (0..15_i64).prop_map(Happens::Pause),
        1 => (0..2_usize).prop_map(Happens::ClockStands),
    ]
}

/// A process that seals.
struct Process {
    ledger: Ledger,
    calls: Calls,
    sealer: Sealer,
    /// Its own clock, where it stands.
    clock: Option<Timestamp>,
}

impl Process {
    fn start(ledger: Ledger) -> Self {
        let calls = Calls::default();
        let place = ledger.place_with("one of two", &calls);
        let sealer = Sealer::in_turn(ledger.ports_with(&calls), place);
        Self {
            ledger,
            calls,
            sealer,
            clock: None,
        }
    }
}

async fn run(history: Vec<Happens>) {
    let ledger = Ledger::new().await;
    let own = || Ledger {
        tiles: MemoryTiles::default(),
        ..ledger.clone()
    };
    let mut two = [Process::start(own()), Process::start(own())];
    let mut now = 0;
    for what in history {
        match what {
            Happens::Recorded(count) => ledger.record(count).await,
            Happens::Step(who) => {
                let clock = two[who].clock.unwrap_or(at(now));
                if let Err(error) = two[who].sealer.step(clock).await {
                    assert!(error.is_passing(), "{error}");
                }
            }
            Happens::Restart(who) => two[who] = Process::start(two[who].ledger.clone()),
            Happens::TilesLost(who) => two[who] = Process::start(own()),
            Happens::Planned(who, call, fault) => {
                two[who].calls.heal();
                two[who].calls.plan(call, fault);
            }
            Happens::Pause(seconds) => now += seconds,
            Happens::ClockStands(who) => two[who].clock = Some(at(now)),
        }
    }
    ledger.assert_one_history("as it happened").await;
    for process in two {
        process.ledger.assert_goes_on("with its tiles").await;
    }
    own().assert_goes_on("without tiles").await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_there_is_one_history(history in prop::collection::vec(happens(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(history));
    }
}
