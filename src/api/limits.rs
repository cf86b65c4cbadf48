//! Limits as HTTP tells of them: whose request it is, 429 where nothing is left, and the fields `RateLimit` and
//! `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10) of what is.

use actix_web::{
    HttpMessage,
    http::header::{HeaderMap, HeaderName, HeaderValue},
};
use futures_util::{Stream, TryStreamExt};

use super::client;
use crate::{
    access::Caller,
    app::{
        App, Limits,
        limits::{Left, What, Who},
    },
    error::Result,
    terms::LinkId,
};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What is asked of the process itself is free: load balancers look often.
const FREE: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Counts a request.
///
/// # Errors
/// `TooManyRequests` where nothing was left.
pub fn hold(app: &App, request: &impl HttpMessage, path: &str, caller: &Caller) -> Result<()> {
    let Some(address) = client::ip(request).filter(|_| !FREE.contains(&path)) else {
        return Ok(());
    };
    let who = match caller.account {
        Some(account) => Who::Account(account),
        None => Who::at(address),
    };
    counted(app, request, &who)
}

/// Counts a request of whoever has the link, wherever it comes from.
///
/// # Errors
/// `TooManyRequests` where nothing was left.
pub fn hold_guest(app: &App, request: &impl HttpMessage, link: LinkId) -> Result<()> {
    counted(app, request, &Who::Link(link))
}

fn counted(app: &App, request: &impl HttpMessage, who: &Who) -> Result<()> {
    request.extensions_mut().insert(who.clone());
    app.limits.check(What::Requests, who)?;
    app.limits.count(What::Requests, who, 1);
    Ok(())
}

/// # Errors
/// `TooManyRequests` where no byte is left to who asks.
pub fn check_bytes(app: &App, request: &impl HttpMessage) -> Result<()> {
    match request.extensions().get::<Who>() {
        Some(who) => app.limits.check(What::Bytes, who),
        None => Ok(()),
    }
}

/// Says what is left.
pub fn tell(app: &App, request: &impl HttpMessage, headers: &mut HeaderMap) {
    let extensions = request.extensions();
    let Some(who) = extensions.get::<Who>() else {
        return;
    };
    let (mut limits, mut policies) = (Vec::new(), Vec::new());
    for (what, name, unit) in [
        (What::Requests, "requests", ""),
        (What::Bytes, "bytes", ";qu=\"content-bytes\""),
    ] {
        if let Some(Left {
            limit,
            left,
            resets_in,
        }) = app.limits.left(what, who)
        {
            let span = what.span() / 1000;
            limits.push(format!("\"{name}\";r={left};t={resets_in}"));
            policies.push(format!("\"{name}\";q={limit};w={span}{unit}"));
        }
    }
    for (name, words) in [(RATE_LIMIT, limits), (POLICY, policies)] {
        if let Ok(value) = HeaderValue::from_str(&words.join(", "))
            && !words.is_empty()
        {
            headers.insert(name, value);
        }
    }
}

/// Counts the bytes that go out to somebody.
#[derive(Clone)]
pub struct Counter {
    limits: Limits,
    who: Option<Who>,
}

impl Counter {
    pub fn of(app: &App, request: &impl HttpMessage) -> Self {
        Self {
            limits: app.limits.clone(),
            who: request.extensions().get::<Who>().cloned(),
        }
    }

    pub fn counted<S>(&self, bytes: S) -> impl Stream<Item = Result<bytes::Bytes>> + use<S>
    where
        S: Stream<Item = Result<bytes::Bytes>> + 'static,
    {
        let own = self.clone();
        bytes.inspect_ok(move |piece| {
            if let Some(who) = &own.who {
                own.limits.count(What::Bytes, who, piece.len() as u64);
            }
        })
    }
}
