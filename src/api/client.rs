//! Who is at the other end of the line: the address, and the name of the request. What a proxy says about them is
//! believed only of the proxies that the settings name (`X-Forwarded-For`, `X-Request-Id`).

use std::net::IpAddr;

use actix_web::{HttpMessage, HttpRequest, dev::ServiceRequest, http::header, web::Data};

use crate::app::App;

/// The name of a request, in the log and in problem documents.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// The address of the client.
#[derive(Debug, Clone, Copy)]
struct Address(IpAddr);

/// Asked for by HEAD: no byte of the body goes out.
#[derive(Debug, Clone, Copy)]
struct Headless;

pub fn mark_headless(request: &impl HttpMessage) {
    request.extensions_mut().insert(Headless);
}

/// Whether somebody goes on with what they have a part of: who asks from the first byte on begins.
pub fn goes_on(request: &HttpRequest) -> bool {
    let range = request.headers().get(header::RANGE);
    range.is_some_and(|range| !range.as_bytes().starts_with(b"bytes=0-"))
}

pub fn is_headless(request: &impl HttpMessage) -> bool {
    request.extensions().contains::<Headless>()
}

/// Finds out both and keeps them with the request.
pub fn recognise(request: &ServiceRequest) -> RequestId {
    let peer = request.peer_addr().map(|peer| peer.ip());
    let proxies = request
        .app_data::<Data<App>>()
        .map_or(&[][..], |app| &app.config.trusted_proxies);
    let trusted = peer.is_some_and(|peer| proxies.contains(&peer));
    let named = |name: &str| {
        request
            .headers()
            .get(name)
            .filter(|_| trusted)
            .and_then(|value| value.to_str().ok())
    };
    let id = named("x-request-id")
        .filter(|id| is_plain(id))
        .map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned);
    let address = peer
        .map(|peer| named("x-forwarded-for").map_or(peer, |chain| farthest(chain, proxies, peer)));
    let mut extensions = request.extensions_mut();
    if let Some(address) = address {
        extensions.insert(Address(address));
    }
    extensions.insert(RequestId(id.clone()));
    RequestId(id)
}

/// The name of the request.
pub fn request_id(request: &impl HttpMessage) -> String {
    let extensions = request.extensions();
    extensions
        .get::<RequestId>()
        .map_or_else(String::new, |id| id.0.clone())
}

/// The client's address, in words.
pub fn address(request: &impl HttpMessage) -> Option<String> {
    ip(request).map(|address| address.to_string())
}

/// The client's address; none over the socket in the data folder.
pub fn ip(request: &impl HttpMessage) -> Option<IpAddr> {
    request
        .extensions()
        .get::<Address>()
        .map(|address| address.0)
}

/// Proxies append whom they heard from: the last address that is none of ours.
fn farthest(chain: &str, proxies: &[IpAddr], peer: IpAddr) -> IpAddr {
    let mut nearest = peer;
    for word in chain.rsplit(',') {
        let Ok(address) = word.trim().parse() else {
            break;
        };
        nearest = address;
        if !proxies.contains(&address) {
            break;
        }
    }
    nearest
}

fn is_plain(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_made_up_is_not_believed() {
        let proxies: Vec<IpAddr> = vec!["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        let peer = proxies[0];
        for (chain, address) in [
            ("203.0.113.5", "203.0.113.5"),
            ("6.6.6.6, 203.0.113.5", "203.0.113.5"),
            ("203.0.113.5, 10.0.0.2", "203.0.113.5"),
            ("nonsense, 10.0.0.2", "10.0.0.2"),
            ("", "10.0.0.1"),
        ] {
            assert_eq!(
                farthest(chain, &proxies, peer).to_string(),
                address,
                "{chain}"
            );
        }
    }

    #[test]
    fn a_name_of_a_request_is_plain() {
        assert!(is_plain("0193-ab_c.d:e"));
        for wrong in ["", "a b", "a\"b", "ж", &"a".repeat(129)] {
            assert!(!is_plain(wrong), "{wrong}");
        }
    }
}
