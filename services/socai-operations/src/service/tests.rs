//! Answers, and where they are made.

use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use async_trait::async_trait;
use socai_domain::id::AccountId;

use super::*;
use crate::cells::Cells;
use crate::page::{Place, Wanted};

/// Rows that take as long to be written as nobody says that they may be.
struct Slow {
    may: Mutex<Receiver<()>>,
}

#[async_trait]
impl Answering for Slow {
    async fn gather(&mut self, _: &Sources, _: &Wanted) -> Result<Option<Place>, Trouble> {
        Ok(None)
    }

    fn cells(&self) -> Cells {
        unreachable!("nobody asks for cells here")
    }

    fn json(&self, _: Frame) -> Vec<u8> {
        let may = self.may.lock().unwrap();
        let told = may.recv_timeout(Duration::from_secs(20));
        told.map_or(b"nobody else was at work".to_vec(), |()| b"told".to_vec())
    }
}

/// The one thread that there is for requests goes on while an answer is written.
#[tokio::test(flavor = "current_thread")]
async fn others_are_served_while_an_answer_is_written() {
    let (say, may) = mpsc::channel();
    let turns = Turns::new(AT_WORK);
    let turn = turns.next(&AccountId::new("ana").unwrap()).await.unwrap();
    let answer = Answer {
        frame: Frame {
            position: 1,
            known_at: 1,
            as_of: None,
            definition: "1",
        },
        next: None,
        rows: Box::new(Slow { may: may.into() }),
        turn,
    };
    let other = async move { say.send(()).unwrap() };
    let (made, ()) = tokio::join!(answer.made(|rows, frame| rows.json(frame)), other);
    assert_eq!(made, b"told");
}
