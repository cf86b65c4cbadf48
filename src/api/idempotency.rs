//! `Idempotency-Key` on requests that create: the same request again, within 24 hours, by the same account on the same
//! route, gives the same answer and makes nothing new. Another body under the key is 422; while the first is in flight,
//! 409. The answer is kept in the transaction that makes the thing, so that there is never the one without the other.

use actix_web::{HttpRequest, HttpResponse};
use sea_orm::DatabaseTransaction;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::answer::Created;
use crate::{
    access::Caller,
    app::App,
    db::idempotency::{self, Kept, Name},
    error::{Code, Error, Result},
};

const HEADER: &str = "idempotency-key";

/// What a request with a key meets.
pub enum Begun {
    /// Nobody asked before: do it, [`Ticket::finish`] it in the same transaction, and say [`Ticket::done`].
    Go(Box<Ticket>),
    /// It was done before: [`Done::again`] answers.
    Done(Done),
}

/// The right to do what a key stands for. Dropped unfinished, it frees the key.
pub struct Ticket {
    /// None: the request had no key.
    held: Option<(App, Name)>,
}

/// What was answered before.
pub struct Done(Kept);

/// Does `work` once for the request's key: in a transaction, with the answer kept beside it.
pub async fn once(
    app: &App,
    caller: &Caller,
    request: &HttpRequest,
    body: &Value,
    work: impl AsyncFnOnce(&DatabaseTransaction) -> Result<Created>,
) -> Result<HttpResponse> {
    let digest = digest(body, None);
    let ticket = match begin(app, caller, request).await? {
        Begun::Done(done) => return done.again(&digest),
        Begun::Go(ticket) => ticket,
    };
    let tx = app.db.begin().await?;
    let created = work(&tx).await?;
    ticket.finish(&tx, &digest, &created).await?;
    app.commit(tx).await?;
    ticket.done();
    Ok(created.respond())
}

/// Looks at the request's key, and takes it where it is free.
///
/// # Errors
/// In flight where the first request with it has not ended.
pub async fn begin(app: &App, caller: &Caller, request: &HttpRequest) -> Result<Begun> {
    let Some(key) = key(request)? else {
        return Ok(Begun::Go(Box::new(Ticket { held: None })));
    };
    let route = format!("{} {}", request.method(), request.path());
    let name = Name {
        account: caller.account()?,
        route,
        key,
    };
    let tx = app.db.begin().await?;
    let kept = idempotency::take(&tx, &name).await?;
    tx.commit().await?;
    match kept {
        None => Ok(Begun::Go(Box::new(Ticket {
            held: Some((app.clone(), name)),
        }))),
        Some(kept) if kept.answered() => Ok(Begun::Done(Done(kept))),
        Some(_) => Err(Error::refused(
            Code::InFlight,
            "The first request with this Idempotency-Key has not ended yet.",
        )),
    }
}

/// What makes a body the same: its JSON with members in alphabetical order (RFC 8785 in spirit), and the SHA-256 of the
/// file that came with it.
pub fn digest(body: &Value, file_sha256: Option<&str>) -> String {
    let mut canonical = body.clone();
    canonical.sort_all_objects();
    let mut digest = Sha256::new_with_prefix(canonical.to_string());
    digest.update([0]);
    digest.update(file_sha256.unwrap_or_default());
    hex::encode(digest.finalize())
}

impl Ticket {
    /// Keeps the answer, in the transaction that made the thing. The ticket is to outlive the commit.
    pub async fn finish(
        &self,
        tx: &DatabaseTransaction,
        digest: &str,
        created: &Created,
    ) -> Result<()> {
        let Some((_, name)) = &self.held else {
            return Ok(());
        };
        let answer = if created.secret {
            None
        } else {
            Some(text(created)?)
        };
        idempotency::keep(tx, name, digest, 201, answer, &created.location).await
    }

    /// After the commit: there is nothing to free.
    pub fn done(mut self) {
        self.held = None;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let Some((app, name)) = self.held.take() else {
            return;
        };
        // Where the request failed or its client went away, the key is free again; what was kept stays.
        actix_web::rt::spawn(async move {
            if let Err(error) = free(&app, &name).await {
                tracing::error!(%error, key = name.key, "a key stays taken until a day has passed");
            }
        });
    }
}

async fn free(app: &App, name: &Name) -> Result<()> {
    let tx = app.db.begin().await?;
    idempotency::free(&tx, name).await?;
    Ok(tx.commit().await?)
}

impl Done {
    /// The first answer again, for the same body.
    ///
    /// # Errors
    /// Invalid for another body; a conflict that names what was made where the answer showed a secret.
    pub fn again(&self, digest: &str) -> Result<HttpResponse> {
        if self.0.digest.as_deref() != Some(digest) {
            return Err(Error::refused(
                Code::Invalid,
                "This Idempotency-Key was used with another body.",
            ));
        }
        let Some(answer) = &self.0.answer else {
            let words = format!(
                "This was done before, and its answer is not repeated: see {}.",
                self.0.location
            );
            return Err(
                Error::refused(Code::Conflict, words).with("location", self.0.location.clone())
            );
        };
        let created: Created = serde_json::from_str(answer)
            .map_err(|error| Error::internal("a kept answer", error))?;
        Ok(created.respond())
    }
}

fn key(request: &HttpRequest) -> Result<Option<String>> {
    let Some(sent) = request.headers().get(HEADER) else {
        return Ok(None);
    };
    let sent = sent.to_str().unwrap_or_default().trim();
    let is_shown = sent.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if !(1..=255).contains(&sent.len()) || !is_shown {
        return Err(Error::refused(
            Code::BadRequest,
            "Idempotency-Key is not of 1 to 255 printable ASCII characters.",
        ));
    }
    Ok(Some(sent.to_owned()))
}

fn text(created: &Created) -> Result<String> {
    serde_json::to_string(created).map_err(|error| Error::internal("an answer", error))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_members_makes_no_difference_and_all_else_does() {
        let one = digest(&json!({"a": {"x": 1, "y": [1, 2]}, "b": 2}), None);
        assert_eq!(
            one,
            digest(&json!({"b": 2, "a": {"y": [1, 2], "x": 1}}), None)
        );
        assert_ne!(
            one,
            digest(&json!({"b": 2, "a": {"y": [2, 1], "x": 1}}), None)
        );
        assert_ne!(
            one,
            digest(&json!({"a": {"x": 1, "y": [1, 2]}, "b": 2}), Some("ab"))
        );
    }

    #[test]
    fn an_answer_is_given_again_to_the_same_body_alone() {
        let created = Created {
            location: "/v1/events/1".into(),
            etag: Some("\"v1\"".into()),
            body: json!({"b": 1, "a": 2}),
            headers: Vec::new(),
            secret: false,
        };
        let done = |answer| {
            Done(Kept {
                digest: Some("d".into()),
                status: Some(201),
                answer,
                location: created.location.clone(),
            })
        };
        let kept = done(Some(text(&created).unwrap()));
        assert_eq!(
            kept.again("d").unwrap().headers().get("etag").unwrap(),
            "\"v1\""
        );
        assert_eq!(kept.again("e").unwrap_err().code(), Some(Code::Invalid));
        let secret = done(None).again("d").unwrap_err();
        assert_eq!(secret.code(), Some(Code::Conflict));
        assert!(secret.to_string().contains("/v1/events/1"));
    }
}
