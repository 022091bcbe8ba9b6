use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use socai_domain::id::AccountId;

use super::{Counter, KEYS_MAX, Throttle};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn account(id: &str) -> AccountId {
    AccountId::new(id).unwrap()
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn after_five_attempts_at_once_an_address_waits_half_a_minute_for_that_account() {
    let (throttle, from) = (Throttle::default(), address("192.0.2.1"));
    for _ in 0..5 {
        assert_eq!(throttle.attempt(&account("an"), from, at(0)), Ok(()));
    }
    let wait = throttle.attempt(&account("an"), from, at(0)).unwrap_err();
    assert_eq!(wait, SignedDuration::from_secs(30));
    let wait = throttle.attempt(&account("an"), from, at(29)).unwrap_err();
    assert_eq!(wait, SignedDuration::from_secs(1));
    assert_eq!(throttle.attempt(&account("an"), from, at(30)), Ok(()));
    throttle
        .attempt(&account("an"), from, at(30))
        .expect_err("one only");
}

#[test]
fn one_address_that_never_stops_locks_nobody_out_elsewhere() {
    let throttle = Throttle::default();
    for second in 0..3_600 {
        // Refused or not.
        let _ = throttle.attempt(&account("an"), address("192.0.2.1"), at(second));
        if second % 60 == 0 {
            let own = throttle.attempt(&account("an"), address("192.0.2.2"), at(second));
            assert_eq!(own, Ok(()), "after {second} s");
        }
    }
}

#[test]
fn an_account_that_the_whole_world_guesses_at_is_slowed_down_and_free_again_soon_after() {
    let throttle = Throttle::default();
    let guess = |number: u32, second| {
        let from = IpAddr::V4(std::net::Ipv4Addr::from_bits(0x0a00_0000 + number));
        throttle.attempt(&account("an"), from, at(second))
    };
    let through = (0..10_000)
        .filter(|number| guess(*number, 0).is_ok())
        .count();
    assert_eq!(through, 50);
    assert_eq!(guess(10_000, 6), Ok(()), "one every six seconds");
    assert!((10_001..10_051).all(|number| guess(number, 306).is_ok()));
}

#[test]
fn an_address_that_tries_name_after_name_waits() {
    let (throttle, from) = (Throttle::default(), address("192.0.2.1"));
    let guess = |number: u32| throttle.attempt(&account(&format!("a{number}")), from, at(0));
    assert_eq!((0..100).filter(|number| guess(*number).is_ok()).count(), 30);
}

#[test]
fn all_addresses_of_a_network_of_ipv6_are_one_and_a_mapped_one_is_of_ipv4() {
    let throttle = Throttle::default();
    let mut through = 0;
    for from in ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::3"].repeat(4) {
        through += u32::from(
            throttle
                .attempt(&account("an"), address(from), at(0))
                .is_ok(),
        );
    }
    assert_eq!(through, 5);
    let mut through = 0;
    for from in ["192.0.2.1", "::ffff:192.0.2.1"].repeat(4) {
        through += u32::from(
            throttle
                .attempt(&account("ba"), address(from), at(0))
                .is_ok(),
        );
    }
    assert_eq!(through, 5);
}

#[test]
fn a_counter_that_is_full_forgets_whoever_stopped_and_counts_nobody_new_otherwise() {
    let counter = Counter::new(2, SignedDuration::from_secs(10));
    for key in 0..KEYS_MAX {
        counter.count(key, at(0)).unwrap();
    }
    counter.count(KEYS_MAX, at(9)).expect_err("full");
    assert_eq!(counter.count(0, at(9)), Ok(()), "known");
    assert_eq!(counter.count(KEYS_MAX, at(10)), Ok(()));
    assert_eq!(counter.until.lock().unwrap().len(), 2);
}

#[test]
fn whoever_logged_in_somewhere_is_let_in_there_while_many_others_guess() {
    let throttle = Throttle::default();
    let (mine, elsewhere) = (address("198.51.100.7"), address("198.51.100.8"));
    throttle.succeeded(&account("an"), mine);
    for other in 0..12 {
        for _ in 0..5 {
            let _ = throttle.attempt(&account("an"), address(&format!("192.0.2.{other}")), at(0));
        }
    }
    throttle
        .attempt(&account("an"), elsewhere, at(0))
        .expect_err("too many have tried");
    assert_eq!(throttle.attempt(&account("an"), mine, at(0)), Ok(()));
}
