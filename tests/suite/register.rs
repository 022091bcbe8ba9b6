//! Every promise of a register, over every register.

use std::sync::Arc;

use bytes::Bytes;
use socai_store::{Held, Register, SwapError};
use socai_store_memory::MemoryRegister;
use socai_store_segment::DirectoryRegister;

macro_rules! every_register {
    ($($promise:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test] async fn $promise() {
                super::$promise(std::sync::Arc::new(super::MemoryRegister::default())).await;
            })+
        }
        mod directory {
            $(#[tokio::test] async fn $promise() {
                let dir = tempfile::tempdir().unwrap();
                let register = super::DirectoryRegister::new(dir.path(), "sealer");
                super::$promise(std::sync::Arc::new(register)).await;
            })+
        }
    };
}

every_register![
    nothing_was_ever_put,
    what_is_put_is_read,
    whoever_saw_another_value_loses,
    of_many_at_once_one_wins,
];

type Shared = Arc<dyn Register>;

fn value(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

async fn nothing_was_ever_put(register: Shared) {
    assert_eq!(register.read().await.unwrap(), None);
    let lost = register.swap(Some(1), value("a")).await.unwrap_err();
    assert!(matches!(lost, SwapError::Lost), "{lost:?}");
    assert_eq!(register.read().await.unwrap(), None);
}

async fn what_is_put_is_read(register: Shared) {
    let mut version = None;
    for text in ["a", "", "line\nline"] {
        let next = register.swap(version, value(text)).await.unwrap();
        assert!(Some(next) > version, "versions grow");
        version = Some(next);
        let held = Held {
            value: value(text),
            version: next,
        };
        assert_eq!(register.read().await.unwrap(), Some(held));
    }
}

async fn whoever_saw_another_value_loses(register: Shared) {
    let first = register.swap(None, value("a")).await.unwrap();
    let second = register.swap(Some(first), value("b")).await.unwrap();
    for stale in [None, Some(first), Some(second + 1)] {
        let lost = register.swap(stale, value("c")).await.unwrap_err();
        assert!(matches!(lost, SwapError::Lost), "{stale:?}: {lost:?}");
    }
    assert_eq!(register.read().await.unwrap().unwrap().value, value("b"));
}

async fn of_many_at_once_one_wins(register: Shared) {
    let swaps = (0..8).map(|who| {
        let register = register.clone();
        tokio::spawn(async move { register.swap(None, value(&who.to_string())).await })
    });
    let mut winners = Vec::new();
    for (who, swap) in swaps.collect::<Vec<_>>().into_iter().enumerate() {
        if swap.await.unwrap().is_ok() {
            winners.push(who.to_string());
        }
    }
    let held = register.read().await.unwrap().unwrap();
    assert_eq!(winners, [String::from_utf8(held.value.to_vec()).unwrap()]);
}
