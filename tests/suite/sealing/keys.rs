//! Which keys sign what.

use super::*;

/// The numbers of the keys that signed the last checkpoint.
async fn signers(ledger: &Ledger) -> Vec<u8> {
    let signed = ledger.signed().await;
    let (_, note) = signed.last().unwrap();
    let signed_by = |number: &u8| {
        let key = key(*number);
        let by = note.verified_by([key.verifier_key()]);
        !by.unwrap().is_empty()
    };
    (1..=3).filter(signed_by).collect()
}

#[tokio::test]
async fn while_keys_overlap_both_sign_and_a_retired_one_does_not() {
    let ledger = Ledger::new().await;
    let mut sealer = ledger.sealer();
    level(sealer.step(at(0)).await.unwrap());
    assert_eq!(signers(&ledger).await, [1]);
    // The key is at hand before the ledger names it, as whoever makes it would have it.
    ledger.held.lock().unwrap().push(2);
    ledger.record(1).await;
    level(sealer.step(at(1)).await.unwrap());
    assert_eq!(signers(&ledger).await, [1]);
    let named = format!(r#"{{"key":"{}"}}"#, key(2).verifier_key());
    ledger.say("ledger.log_key_added.v1", &named).await;
    level(sealer.step(at(2)).await.unwrap());
    assert_eq!(signers(&ledger).await, [1, 2]);
    let retired = format!(
        r#"{{"key":"{}","valid_to":3,"reason":"rotation"}}"#,
        key(1).verifier_key()
    );
    ledger.say("ledger.log_key_retired.v1", &retired).await;
    level(sealer.step(at(3)).await.unwrap());
    assert_eq!(signers(&ledger).await, [2]);
    ledger.record(1).await;
    // A sealer that is started now still trusts what the retired key signed.
    level(ledger.sealer().step(at(4)).await.unwrap());
    assert_eq!(signers(&ledger).await, [2]);
    ledger.assert_one_history("a rotation").await;
}

#[tokio::test]
async fn without_the_private_key_it_says_which_one_and_where_it_looked_and_goes_on_once_it_is_there()
 {
    let ledger = Ledger::new().await;
    *ledger.held.lock().unwrap() = vec![3];
    let mut sealer = ledger.sealer();
    let refused = sealer.step(at(0)).await.unwrap_err();
    let said = refused.to_string();
    assert!(refused.is_passing(), "{said}");
    assert!(said.contains(&key(1).verifier_key().to_string()), "{said}");
    assert!(said.contains("in the test"), "{said}");
    assert_eq!(ledger.signed().await.len(), 0);
    ledger.held.lock().unwrap().push(1);
    level(sealer.step(at(1)).await.unwrap());
}

#[tokio::test]
async fn a_key_that_does_not_read_is_said_with_its_place() {
    let ledger = Ledger::new().await;
    ledger
        .say("ledger.log_key_added.v1", r#"{"key":"nonsense"}"#)
        .await;
    let refused = ledger.sealer().step(at(0)).await.unwrap_err();
    assert!(refused.to_string().starts_with("position 2:"), "{refused}");
    assert!(!refused.is_passing());
}
