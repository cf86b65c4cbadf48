//! The password of a link: argon2id (RFC 9106) with the parameters that OWASP asks for, a few at a time and away from the
//! threads that answer, and no more attempts than a person needs.

use std::net::IpAddr;

use argon2::{
    Argon2,
    password_hash::{Error as HashError, PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::{
    app::App,
    db::{self, attempts, links},
    error::{Code, Error, Result},
};

/// The most bytes of a password. What is longer is not even hashed.
pub const LONGEST_PASSWORD: usize = 1024;
/// Wrong passwords within a quarter of an hour, of one link and from one address.
const MOST_OF_A_LINK: i32 = 30;
const MOST_FROM_AN_ADDRESS: i32 = 10;

/// Each takes 19 MiB and some tens of milliseconds of a processor.
static PLACES: Semaphore = Semaphore::const_new(2);
/// Who may wait for one.
static QUEUE: Semaphore = Semaphore::const_new(32);

/// The hash of a password, with a salt of its own, as a PHC string.
pub(super) async fn hash(password: String) -> Result<String> {
    let hashed = aside(move || {
        let hash: PasswordHash = Argon2::default().hash_password(password.as_bytes())?;
        Ok(hash.to_string())
    });
    hashed.await
}

/// Whether this is the password of the link.
///
/// # Errors
/// Too many requests, with `retry_after` in seconds, where there were too many wrong ones of late, of this link or from
/// this address, at whichever node; busy where too many wait already.
pub async fn unlock(
    app: &App,
    link: &links::Model,
    password: &str,
    address: Option<&str>,
) -> Result<bool> {
    let Some(kept) = link.password.clone() else {
        return Ok(true);
    };
    if password.is_empty() || password.len() > LONGEST_PASSWORD {
        return Ok(false);
    }
    let mut names = vec![(format!("link:{}", link.id), MOST_OF_A_LINK)];
    let place = address.map(place);
    names.extend(place.map(|place| (format!("address:{place}"), MOST_FROM_AN_ADDRESS)));
    let tx = app.db.begin().await?;
    let until = attempts::take(&tx, &names).await?;
    tx.commit().await?;
    if let Some(until) = until {
        let seconds = (until - db::now()).max(0) / 1000 + 1;
        let words = "Too many wrong passwords: try again later.";
        return Err(Error::refused(Code::TooManyRequests, words).with("retry_after", seconds));
    }
    let password = password.to_owned();
    let verified = aside(move || {
        match Argon2::default().verify_password(password.as_bytes(), kept.as_str()) {
            Err(HashError::PasswordInvalid) => Ok(false),
            other => other.map(|()| true),
        }
    });
    let right = verified.await;
    if matches!(right, Ok(false)) {
        return right;
    }
    // It was right, or never held against the right one.
    let tx = app.db.begin().await?;
    attempts::give_back(&tx, &names).await?;
    tx.commit().await?;
    right
}

/// Of an IPv6 address the network: whoever has one has all of its addresses (RFC 4291 section 2.5.4).
fn place(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        _ => address.to_owned(),
    }
}

/// Does it on a thread of its own, once there is a place.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
) -> Result<T> {
    let busy = || {
        Error::refused(
            Code::Busy,
            "Too many passwords are being looked at just now.",
        )
    };
    let _waits = QUEUE.try_acquire().map_err(|_| busy())?;
    let _place = PLACES.acquire().await.map_err(|_| busy())?;
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|error| Error::internal("a password", error))?;
    done.map_err(|error| Error::internal("a password", error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_with_a_salt_of_its_own() {
        let (one, other) = (hash("bahor".into()).await, hash("bahor".into()).await);
        let (one, other) = (one.expect("a hash"), other.expect("a hash"));
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other);
    }

    #[test]
    fn all_addresses_of_a_network_are_one() {
        assert_eq!(place("203.0.113.5"), "203.0.113.5");
        assert_eq!(place("2001:db8::1"), place("2001:db8::ffff:1"));
        assert_ne!(place("2001:db8::1"), place("2001:db8:0:1::1"));
    }
}
