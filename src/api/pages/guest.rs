//! Whoever comes by a link: asked at each request whether the link still holds and whether they know its password, by
//! the cookie that the form gave them, or by HTTP Basic (RFC 7617).

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap},
    web::Data,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::{
    access::{self, Caller},
    api::{client, limits, page::Seal},
    app::App,
    bundle::links,
    db::{self, links::Model as Link},
    error::Result,
    terms::LinkId,
};

const COOKIE: &str = "jarchi_link";
/// Beyond it, what is remembered is forgotten, and hashed again.
const MOST_REMEMBERED: usize = 10_000;

/// Passwords that were right, as digests with the address that they came from: a client that knows one by HTTP Basic sends
/// it with each range, and hashing it each time would cost more than the bytes. Whoever guesses from elsewhere learns
/// nothing of it.
#[derive(Default)]
pub struct Passed(Mutex<HashSet<[u8; 32]>>);

/// What the door says.
pub enum Entry {
    Open(Box<Guest>),
    /// A password is needed; whether a wrong one was given.
    Asks {
        link: Box<Link>,
        wrong: bool,
    },
}

pub struct Guest {
    pub link: Link,
    pub caller: Caller,
}

/// Lets somebody in, or asks for the password.
///
/// # Errors
/// Not found, alike for what never was, has expired and was revoked; too many requests where somebody guesses.
pub async fn enter(
    app: &App,
    seal: &Seal,
    passed: &Data<Passed>,
    request: &HttpRequest,
    secret: &str,
) -> Result<Entry> {
    let (link, caller) = access::by_link(&app.db, secret, db::now()).await?;
    limits::hold_guest(app, request, link.id)?;
    if link.password.is_none() || has_cookie(seal, request.headers(), &link) {
        return Ok(Entry::Open(Box::new(Guest { link, caller })));
    }
    let Some(password) = basic(request.headers()) else {
        let link = Box::new(link);
        return Ok(Entry::Asks { link, wrong: false });
    };
    let digest = digest(&link, client::address(request).as_deref(), &password);
    if passed.has(&digest) || right(app, request, &link, &password).await? {
        passed.remember(digest);
        return Ok(Entry::Open(Box::new(Guest { link, caller })));
    }
    let link = Box::new(link);
    Ok(Entry::Asks { link, wrong: true })
}

/// Whether it is the link's password.
pub async fn right(app: &App, request: &HttpRequest, link: &Link, password: &str) -> Result<bool> {
    let address = client::address(request);
    links::unlock(app, link, password, address.as_deref()).await
}

/// The cookie that says that somebody knew the password: for this link alone, and for as long as the browser is open.
pub fn cookie(app: &App, seal: &Seal, link: &Link, secret: &str) -> Result<String> {
    let value = seal.close(&link.id, &bound_to(link))?;
    let public_url = app.config.public_url.as_deref().unwrap_or_default();
    let secure = if public_url.starts_with("https://") {
        "; Secure"
    } else {
        ""
    };
    Ok(format!(
        "{COOKIE}={value}; Path=/k/{secret}; HttpOnly; SameSite=Lax{secure}"
    ))
}

fn has_cookie(seal: &Seal, headers: &HeaderMap, link: &Link) -> bool {
    let sent = headers.get_all(header::COOKIE);
    let mut cookies = sent
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    cookies.any(|(name, value)| {
        let says = || seal.open::<LinkId>(value, &bound_to(link)).ok();
        name == COOKIE && says() == Some(link.id)
    })
}

/// A cookie holds for the link and for the password that it had.
fn bound_to(link: &Link) -> Vec<u8> {
    let password = link.password.as_deref().unwrap_or_default();
    format!("link {} {password}", link.id).into_bytes()
}

/// The password of `Authorization: Basic`; the name before it may be anything.
fn basic(headers: &HeaderMap) -> Option<String> {
    let (scheme, sent) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || sent.len() > 2 * links::LONGEST_PASSWORD {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(sent.trim()).ok()?).ok()?;
    pair.split_once(':')
        .map(|(_, password)| password.to_owned())
}

fn digest(link: &Link, address: Option<&str>, password: &str) -> [u8; 32] {
    let mut digest = Sha256::new_with_prefix(bound_to(link));
    for part in [address.unwrap_or_default(), password] {
        digest.update([0]);
        digest.update(part);
    }
    digest.finalize().into()
}

impl Passed {
    fn has(&self, digest: &[u8; 32]) -> bool {
        self.remembered().contains(digest)
    }

    fn remember(&self, digest: [u8; 32]) {
        let mut remembered = self.remembered();
        if remembered.len() >= MOST_REMEMBERED {
            remembered.clear();
        }
        remembered.insert(digest);
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, HashSet<[u8; 32]>> {
        // What a panic may have left is at worst a password hashed again.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
