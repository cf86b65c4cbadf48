//! Who asks, as the type of a handler's argument: [`Anyone`] may be the public, [`Signed`] needs a token, [`Staff`],
//! [`Editor`] and [`Admin`] a role. No valid token is 401, a right that is missing 403, in this order. In which unit a
//! right holds is asked of the [`Caller`]. Let it be the handler's first argument
//! that can fail: arguments are looked at in their order.

use std::future::{Ready, ready};

use actix_web::{
    Error as ActixError, FromRequest, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap},
    middleware::Next,
    web::Data,
};

use super::{client, limits};
use crate::{
    access::{Caller, Callers},
    app::{
        App,
        limits::{What, Who},
    },
    db::{
        self,
        audit::{self, Origin},
    },
    error::{Code, Error, Result},
    organise::audit::SignIns,
    terms::{AccountId, Role, TokenId},
};

/// Whoever asks, the public included.
pub struct Anyone(pub Caller);
/// Somebody with a token.
pub struct Signed(pub Caller);
/// A contributor, an editor or an administrator.
pub struct Staff(pub Caller);
/// An editor or an administrator.
pub struct Editor(pub Caller);
/// An administrator.
pub struct Admin(pub Caller);

/// Who was found behind the token, for the log and the audit.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    pub account: Option<AccountId>,
    pub token: Option<TokenId>,
}

/// Finds out who asks, before any handler: what the extractors below then say depends on nothing that has to be
/// awaited, so that a missing right is said before anything is said of the body.
pub async fn recognise(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let app = request.app_data::<Data<App>>().cloned();
    let mut found = caller(&request).await;
    if let (Ok(caller), Some(app)) = (&found, &app)
        && let Err(refused) = limits::hold(app, &request, request.path(), caller)
    {
        found = Err(refused);
    }
    let origin = Origin {
        token: found.as_ref().ok().and_then(|caller| caller.token),
        address: client::address(&request),
    };
    if let Ok(caller) = &found {
        let known = Known {
            account: caller.account,
            token: caller.token,
        };
        request.extensions_mut().insert(known);
    }
    request.extensions_mut().insert(found);
    let mut answer = audit::from(origin, next.call(request)).await?;
    if let Some(app) = app {
        let request = answer.request().clone();
        limits::tell(&app, &request, answer.headers_mut());
    }
    Ok(answer)
}

impl FromRequest for Anyone {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(recognised(request).map(Self))
    }
}

impl FromRequest for Signed {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(at_least(request, Role::Reader).map(Self))
    }
}

impl FromRequest for Staff {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(at_least(request, Role::Contributor).map(Self))
    }
}

impl FromRequest for Editor {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(at_least(request, Role::Editor).map(Self))
    }
}

impl FromRequest for Admin {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(at_least(request, Role::Admin).map(Self))
    }
}

fn at_least(request: &HttpRequest, role: Role) -> Result<Caller> {
    let caller = recognised(request)?;
    match caller.role {
        None => Err(Error::refused(Code::Unauthenticated, "This needs a token.")),
        Some(own) if own < role => {
            let words = format!("This needs the role {}.", role.as_str());
            Err(Error::refused(Code::Forbidden, words))
        }
        Some(_) => Ok(caller),
    }
}

fn recognised(request: &HttpRequest) -> Result<Caller> {
    let found = request.extensions_mut().remove::<Result<Caller>>();
    found.unwrap_or_else(|| Err(Error::internal("a caller", "nobody looked who asks")))
}

async fn caller(request: &ServiceRequest) -> Result<Caller> {
    let Some(token) = token(request.headers())? else {
        return Ok(Caller::public());
    };
    let missing = || Error::internal("a caller", "no app was given to the server");
    let app = request.app_data::<Data<App>>().ok_or_else(missing)?;
    let sign_ins = request.app_data::<Data<SignIns>>().ok_or_else(missing)?;
    let callers = request.app_data::<Data<Callers>>().ok_or_else(missing)?;
    let now = db::now();
    let found = callers.identify(&app.db, &token, now).await;
    let Some(ip) = client::ip(request) else {
        return found;
    };
    let (who, address) = (Who::at(ip), ip.to_string());
    // Whoever guesses is not told of a hit; who came in from there before goes on.
    if !matches!(&found, Ok(caller) if sign_ins.knows(caller, &address, now)) {
        app.limits.check(What::Wrong, &who)?;
    }
    match found {
        Ok(caller) => {
            sign_ins.note(&app.db, &caller, &address, now).await?;
            Ok(caller)
        }
        Err(error) => {
            if error.code() == Some(Code::Unauthenticated) {
                app.limits.count(What::Wrong, &who, 1);
            }
            Err(error)
        }
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750 section 2.1); none without the header.
fn token(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(sent) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let token = sent
        .to_str()
        .ok()
        .and_then(|sent| sent.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match token {
        Some((_, token)) if !token.trim().is_empty() => Ok(Some(token.trim().to_owned())),
        _ => Err(Error::refused(
            Code::Unauthenticated,
            "Authorization is not “Bearer <token>”.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_bearer_tokens_are_read() {
        let ask = |value: &str| {
            let request = TestRequest::default().insert_header((header::AUTHORIZATION, value));
            token(request.to_http_request().headers())
        };
        assert_eq!(ask("Bearer abc").unwrap().as_deref(), Some("abc"));
        assert_eq!(ask("bearer  abc ").unwrap().as_deref(), Some("abc"));
        for wrong in ["Basic abc", "Bearer", "Bearer ", "abc"] {
            assert_eq!(
                ask(wrong).unwrap_err().code(),
                Some(Code::Unauthenticated),
                "{wrong}"
            );
        }
        assert_eq!(token(&HeaderMap::new()).unwrap(), None);
    }
}
