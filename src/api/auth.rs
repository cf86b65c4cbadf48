//! Who asks, as the type of a handler's argument: [`Anyone`] may be the public, [`Signed`] needs a token, [`Staff`],
//! [`Editor`] and [`Admin`] a role. No valid token is 401, a right that is missing 403, in this order. In which unit a
//! right holds is asked of the [`Caller`].

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header, web::Data};

use super::client;
use crate::{
    access::{self, Caller},
    app::App,
    db,
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

type Found<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

impl FromRequest for Anyone {
    type Error = Error;
    type Future = Found<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { caller(&request).await.map(Self) })
    }
}

impl FromRequest for Signed {
    type Error = Error;
    type Future = Found<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { at_least(&request, Role::Reader).await.map(Self) })
    }
}

impl FromRequest for Staff {
    type Error = Error;
    type Future = Found<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { at_least(&request, Role::Contributor).await.map(Self) })
    }
}

impl FromRequest for Editor {
    type Error = Error;
    type Future = Found<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { at_least(&request, Role::Editor).await.map(Self) })
    }
}

impl FromRequest for Admin {
    type Error = Error;
    type Future = Found<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { at_least(&request, Role::Admin).await.map(Self) })
    }
}

async fn at_least(request: &HttpRequest, role: Role) -> Result<Caller> {
    let caller = caller(request).await?;
    match caller.role {
        None => Err(Error::refused(Code::Unauthenticated, "This needs a token.")),
        Some(own) if own < role => Err(Error::refused(
            Code::Forbidden,
            format!("This needs the role {}.", role.as_str()),
        )),
        Some(_) => Ok(caller),
    }
}

async fn caller(request: &HttpRequest) -> Result<Caller> {
    let app = request
        .app_data::<Data<App>>()
        .ok_or_else(|| Error::internal("a caller", "no app was given to the server"))?;
    let now = db::now();
    let caller = access::identify(&app.db, token(request)?.as_deref(), now).await?;
    request.extensions_mut().insert(Known {
        account: caller.account,
        token: caller.token,
    });
    if let (Some(sign_ins), Some(address)) = (
        request.app_data::<Data<SignIns>>(),
        client::address(request),
    ) {
        sign_ins.note(&app.db, &caller, &address, now).await?;
    }
    Ok(caller)
}

/// The token of `Authorization: Bearer …` (RFC 6750 section 2.1); none without the header.
fn token(request: &HttpRequest) -> Result<Option<String>> {
    let Some(sent) = request.headers().get(header::AUTHORIZATION) else {
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
            token(
                &TestRequest::default()
                    .insert_header((header::AUTHORIZATION, value))
                    .to_http_request(),
            )
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
        assert_eq!(
            token(&TestRequest::default().to_http_request()).unwrap(),
            None
        );
    }
}
