//! Passwords that somebody guesses.

use reqwest::Method;
use serde_json::json;

use super::Office;
use crate::world::World;

#[tokio::test]
async fn guessing_is_slowed_and_the_page_says_so() {
    let office = Office::open().await;
    let public = office.public();
    let link = office.secret(&json!({"password": "bahor"})).await;
    let guess = async |password: &str| {
        let body = format!("password={password}");
        public
            .send(Method::POST, &link, &[("accept-language", "ru")], body)
            .await
    };
    // What is right counts for nothing.
    for _ in 0..12 {
        let right = public
            .request(Method::GET, &link)
            .basic_auth("", Some("bahor"));
        assert_eq!(right.send().await.expect("an answer").status(), 200);
    }
    let all = (0..24).map(|number| guess(if number % 2 == 0 { "kuz" } else { "qish" }));
    let all = futures_util::future::join_all(all).await;
    let refused = all.iter().filter(|answer| answer.status == 401).count();
    let slowed: Vec<_> = all.iter().filter(|answer| answer.status == 429).collect();
    assert!(
        refused <= 10 && refused + slowed.len() == 24,
        "{refused}, {}",
        slowed.len()
    );
    let seconds: u64 = slowed[0].header("retry-after").parse().expect("seconds");
    assert!((1..=900).contains(&seconds), "{seconds}");
    assert!(String::from_utf8_lossy(&slowed[0].bytes).contains("Слишком много попыток"));
    // The right one has to wait, too, and another link from this address.
    guess("bahor").await.expect(429);
    let other = office.secret(&json!({"password": "yoz"})).await;
    public
        .send(Method::POST, &other, &[], "password=yoz")
        .await
        .expect(429);
    // Who has a cookie or was let in before goes on, and links without a password know nothing of it.
    let right = public
        .request(Method::GET, &link)
        .basic_auth("", Some("bahor"));
    assert_eq!(right.send().await.expect("an answer").status(), 200);
    let open = office.secret(&json!({})).await;
    public.get(&open).await.expect(200);
}

#[tokio::test]
async fn a_link_has_so_many_attempts_wherever_they_come_from() {
    let proxied = World::with(&[("JARCHI_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let office = Office::with(proxied).await;
    let public = office.public();
    let link = office.secret(&json!({"password": "bahor"})).await;
    let mut statuses = Vec::new();
    for number in 0..31 {
        let from = format!("203.0.113.{number}");
        let headers = [("x-forwarded-for", from.as_str())];
        let answer = public
            .send(Method::POST, &link, &headers, "password=x")
            .await;
        statuses.push(answer.status);
    }
    assert_eq!(statuses[..30], [401; 30]);
    assert_eq!(statuses[30], 429);
}

#[tokio::test]
async fn what_somebody_else_knows_helps_nobody_to_guess() {
    let proxied = World::with(&[("JARCHI_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let office = Office::with(proxied).await;
    let public = office.public();
    let link = office.secret(&json!({"password": "bahor"})).await;
    let tried = async |from: &str, password: &str| {
        let asked = public
            .request(Method::GET, &link)
            .header("x-forwarded-for", from)
            .basic_auth("", Some(password));
        asked.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(tried("203.0.113.1", "bahor").await, 200);
    for number in 0..10 {
        assert_eq!(tried("203.0.113.2", &format!("yoz{number}")).await, 401);
    }
    // Right and wrong are one to whoever has guessed too often; who knew it before goes on.
    assert_eq!(tried("203.0.113.2", "kuz").await, 429);
    assert_eq!(tried("203.0.113.2", "bahor").await, 429);
    assert_eq!(tried("203.0.113.1", "bahor").await, 200);
}

#[tokio::test]
async fn what_no_password_is_like_is_not_even_hashed() {
    let office = Office::open().await;
    let public = office.public();
    let link = office.secret(&json!({"password": "bahor"})).await;
    let long = format!("password={}", "p".repeat(1 << 20));
    public
        .send(Method::POST, &link, &[], long)
        .await
        .expect(413);
    for body in ["password=", "", "password=%FF", "colour=red", "\u{0}"] {
        public
            .send(Method::POST, &link, &[], body)
            .await
            .expect(401);
    }
    for _ in 0..20 {
        let long = public
            .request(Method::GET, &link)
            .basic_auth("", Some("p".repeat(3000)));
        assert_eq!(long.send().await.expect("an answer").status(), 401);
    }
    public
        .send(Method::PUT, &link, &[], "")
        .await
        .problem(405, "method-not-allowed");
    public
        .send(Method::POST, &link, &[], "password=bahor")
        .await;
    let right = public
        .request(Method::GET, &link)
        .basic_auth("", Some("bahor"));
    assert_eq!(right.send().await.expect("an answer").status(), 200);
}
