//! Pages: together they are the whole, in an order that stays.

use serde_json::json;
use socai_operations::catalogue::QUESTIONS;
use socai_operations::page::Page;
use socai_operations::trouble::Trouble;

use super::stage::{Stage, least, rows};

#[tokio::test]
async fn the_pages_of_every_question_are_together_the_whole() {
    let stage = Stage::set().await;
    for entry in QUESTIONS {
        let whole = stage.rows("committee", entry.name, least(entry.name)).await;
        let (mut paged, mut cursor) = (Vec::new(), None);
        loop {
            let page = Page {
                limit: Some(1),
                cursor,
            };
            let answer = stage
                .ask("committee", entry.name, least(entry.name), page)
                .await
                .unwrap();
            cursor = answer.next.clone();
            paged.extend(rows(answer).await);
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(paged, whole, "{}", entry.name);
    }
}

#[tokio::test]
async fn a_cursor_that_is_none_and_a_limit_that_is_none_are_told() {
    let stage = Stage::set().await;
    for (limit, cursor, parameter) in [
        (Some(0), None, "limit"),
        (Some(100_001), None, "limit"),
        (None, Some("x"), "cursor"),
    ] {
        let page = Page {
            limit,
            cursor: cursor.map(str::to_owned),
        };
        let Err(Trouble::Parameter {
            parameter: named, ..
        }) = stage.ask("committee", "units", json!({}), page).await
        else {
            panic!("{parameter}")
        };
        assert_eq!(named, parameter);
    }
}
