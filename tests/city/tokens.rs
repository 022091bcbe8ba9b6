//! Accounts of a ledger on NATS, kept from the command line while it is served: what is recorded holds at every
//! process, and what is known of persons is in PostgreSQL alone.

use crate::PATIENCE;
use crate::client::Client;
use crate::processes::City;
use crate::servers::until;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_holds_everywhere_until_it_is_revoked_and_a_name_is_not_in_the_ledger() {
    let city = City::with(&["api"], "").await;
    city.all_ready().await;
    let config = city.config().display().to_string();
    let account = |arguments: &[&str]| {
        let all = [&["account"], arguments, &["--data", &config]].concat();
        city.expect(&all)
    };
    account(&["create", "chanh-thanh-tra", "--role", "inspector"]);
    account(&["name", "chanh-thanh-tra", "Nguyễn Thị Hòa"]);
    let told = account(&["token", "chanh-thanh-tra", "--token", "may"]);
    let token = told
        .split_whitespace()
        .find(|word| word.starts_with("socai_"));
    let asked = |status: u16| {
        let mut clients = city
            .roles
            .iter()
            .map(|role| Client::with(role.address(), token));
        clients.all(|client| client.get("/v1/accounts").status == status)
    };
    until("both know the token", PATIENCE, || async { asked(200) }).await;
    account(&["revoke-token", "chanh-thanh-tra", "may"]);
    until("both know it no more", PATIENCE, || async { asked(401) }).await;

    let database = city.postgres.session("postgres").await;
    let kept = "SELECT name FROM credentials.person WHERE account = 'chanh-thanh-tra'";
    let kept: String = database.query_one(kept, &[]).await.unwrap().get(0);
    assert_eq!(kept, "Nguyễn Thị Hòa");
    let exported = city.expect(&["export", "--data", &config]);
    assert!(exported.contains("chanh-thanh-tra") && !exported.contains("Hòa"));
    let listed = account(&["list", "--account", "chanh-thanh-tra", "--format", "csv"]);
    assert!(
        listed.contains("inspector") && listed.lines().count() == 2,
        "{listed}"
    );
}
