//! What is done to a city, and undone.

use std::time::{Duration, Instant};

use crate::PATIENCE;
use crate::load::{Load, office, progress};
use crate::processes::{City, Role};
use crate::servers::proxy::Proxy;
use socai_app::ledger::Outcome;
use socai_app::live::Live;
use socai_domain::id::AccountId;
use socai_domain::origin::Origin;

/// Something that happens to a city. When it is over, everything runs again.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    LeaderKilled,
    RoleKilled,
    PostgresKilled,
    WireCut,
    FollowerKilled,
    ServerPaused,
    RolePaused,
    MajorityAway,
    AllKilled,
}

impl Fault {
    pub(crate) const ALL: [Self; 9] = [
        Self::LeaderKilled,
        Self::RoleKilled,
        Self::PostgresKilled,
        Self::WireCut,
        Self::FollowerKilled,
        Self::ServerPaused,
        Self::RolePaused,
        Self::MajorityAway,
        Self::AllKilled,
    ];

    pub(crate) fn named(name: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        let found = all.find(|fault| format!("{fault:?}") == name);
        found.unwrap_or_else(|| panic!("{name} is none of {:?}", Self::ALL))
    }

    /// Lets it happen, for a moment in which everybody goes on trying. Says what it was.
    pub(crate) async fn happen(self, city: &mut City, load: &Load, dice: &mut Dice) -> String {
        match self {
            Self::LeaderKilled => {
                let leader = leader(city).await;
                kill_server(city, &leader).await;
                format!("kill -9 of {leader}, which led")
            }
            Self::FollowerKilled => {
                let leader = leader(city).await;
                let followers: Vec<_> = city
                    .cluster
                    .servers
                    .iter()
                    .map(|server| server.name.clone())
                    .filter(|name| *name != leader)
                    .collect();
                let follower = followers[dice.pick(followers.len())].clone();
                kill_server(city, &follower).await;
                format!("kill -9 of {follower}, which followed")
            }
            Self::ServerPaused => {
                let at = dice.pick(city.cluster.servers.len());
                let server = &city.cluster.servers[at];
                server.pause();
                moment(4_000).await;
                server.resume();
                format!("{} paused for 4 s", server.name)
            }
            Self::RoleKilled => {
                let role = role(city, dice);
                role.kill9();
                moment(500).await;
                role.run();
                format!("kill -9 of {}", role.name)
            }
            Self::RolePaused => {
                let role = role(city, dice);
                role.signal("STOP");
                // Longer than a sealer's term.
                moment(4_000).await;
                role.signal("CONT");
                format!("{} paused for 4 s", role.name)
            }
            Self::PostgresKilled => {
                city.postgres.kill();
                moment(1_000).await;
                city.postgres.restart().await;
                "kill -9 of PostgreSQL".to_owned()
            }
            Self::WireCut => cut(city, load, dice).await,
            Self::MajorityAway => {
                let away = dice.pick(city.cluster.servers.len());
                let others = (0..city.cluster.servers.len()).filter(|at| *at != away);
                others
                    .clone()
                    .for_each(|at| city.cluster.servers[at].kill9());
                // Longer than anybody waits for an answer, so that some give up and say so.
                moment(7_000).await;
                others.for_each(|at| city.cluster.servers[at].start_again());
                "kill -9 of two servers for 7 s".to_owned()
            }
            Self::AllKilled => {
                restart_everything(city, dice).await;
                "kill -9 of everything".to_owned()
            }
        }
    }
}

async fn kill_server(city: &mut City, name: &str) {
    city.cluster.server(name).kill9();
    moment(1_500).await;
    city.cluster.server(name).start_again();
}

fn role<'c>(city: &'c mut City, dice: &mut Dice) -> &'c mut Role {
    let at = dice.pick(city.roles.len());
    &mut city.roles[at]
}

async fn leader(city: &City) -> String {
    let connection = city.connection().await;
    let mut stream = connection.jetstream().get_stream("LEDGER").await.unwrap();
    let info = stream.info().await.unwrap();
    info.cluster
        .clone()
        .and_then(|cluster| cluster.leader)
        .unwrap()
}

/// An office whose only way to the servers is cut while it records.
async fn cut(city: &City, load: &Load, dice: &mut Dice) -> String {
    let at = dice.pick(city.cluster.servers.len());
    let server = &city.cluster.servers[at];
    let port = server.url().rsplit(':').next().unwrap().parse().unwrap();
    let wire = Proxy::to(port).await;
    let live = office(city, vec![wire.url()]).await;
    let office = Office { live, load };
    office.record(10, dice).await;
    wire.cut();
    let in_vain = office.try_for_a_second(dice).await;
    wire.mend();
    let again = office.record(10, dice).await;
    format!(
        "the wire to {} cut under an office for 1 s: {in_vain} in vain, recording again after {:.1} s",
        server.name,
        again.as_secs_f64()
    )
}

struct Office<'l> {
    live: std::sync::Arc<Live>,
    load: &'l Load,
}

impl Office<'_> {
    /// Goes on until it has recorded `count` commands. Answers how long the first one took.
    async fn record(&self, count: u32, dice: &mut Dice) -> Duration {
        let begun = Instant::now();
        let (mut recorded, mut first) = (0, Duration::ZERO);
        while recorded < count {
            let said = self.one(dice).await;
            recorded += u32::from(said.is_ok());
            if recorded == 1 && said.is_ok() {
                first = begun.elapsed();
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "an office records when its wire is whole: {said:?}"
            );
        }
        first
    }

    async fn try_for_a_second(&self, dice: &mut Dice) -> u32 {
        let begun = Instant::now();
        let mut in_vain = 0;
        while begun.elapsed() < Duration::from_secs(1) {
            in_vain += u32::from(self.one(dice).await.is_err());
        }
        in_vain
    }

    /// Records one command, or says why not.
    async fn one(&self, dice: &mut Dice) -> Result<(), String> {
        moment(10).await;
        let origin = Origin {
            actor: AccountId::new("far-clerk").unwrap(),
            at: jiff::Timestamp::now(),
        };
        let request = progress(self.load.task(), dice);
        match self.live.execute(&request, &origin).await {
            Ok(Outcome::Recorded(written)) => {
                let told = written.iter().map(|one| (one.id, one.position.0));
                self.load.tell(told);
                Ok(())
            }
            other => Err(format!("{other:?}")),
        }
    }
}

async fn restart_everything(city: &mut City, dice: &mut Dice) {
    // One of the roles is asked to stop, as an operator would.
    role(city, dice).stop();
    city.roles.iter_mut().for_each(Role::kill9);
    for server in &mut city.cluster.servers {
        server.kill9();
    }
    city.postgres.kill();
    moment(500).await;
    city.roles.iter_mut().for_each(Role::run);
    city.postgres.restart().await;
    for server in &mut city.cluster.servers {
        server.start_again();
    }
}

/// Lets time pass in which the others go on.
pub(crate) async fn moment(millis: u64) {
    let _ = tokio::time::timeout(Duration::from_millis(millis), std::future::pending::<()>()).await;
}

/// Choices that a seed repeats (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    pub(crate) fn pick(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).unwrap()
    }
}
