//! Lists: [`Listing`] is a list's query (its filters, `limit`, `cursor`), [`Page`] its answer. A cursor is opaque and
//! sealed with the installation's key, and bound to the query that it came from: one that was changed, made up, or
//! taken from another query is 400.

mod seal;

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::query;
use crate::error::{Code, Error, Result};

pub use seal::Seal;

const DEFAULT: u64 = 50;
pub const MOST: u64 = 200;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items of this page, in the list's order.
    pub items: Vec<T>,
    /// What to send as `cursor` for the page that follows; null on the last.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
}

/// What every list takes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct PageParams {
    /// How many items at most, from 1 to 200; 50 where nothing is said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// The `next_cursor` of the page before, of the same query.
    cursor: Option<String>,
}

/// A list's query: `F` are its filters.
pub struct Listing<F> {
    pub filter: F,
    /// How many items a page has at most.
    pub limit: u64,
    cursor: Option<String>,
    /// What the cursors of this query are bound to.
    query: [u8; 16],
    seal: Data<Seal>,
}

impl<F> Listing<F> {
    /// How many items a page has at most, as a length.
    pub fn size(&self) -> usize {
        usize::try_from(self.limit).unwrap_or(usize::MAX)
    }

    /// How many rows to ask for: one more than a page has, so that the last page is known as such.
    pub fn rows(&self) -> u64 {
        self.limit + 1
    }

    /// The key after which this page begins; none on the first.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>> {
        let opened = self
            .cursor
            .as_deref()
            .map(|cursor| self.seal.open(cursor, &self.query));
        opened.transpose()
    }

    /// The cursor of the page after the one that ends with the key.
    pub fn cursor<K: Serialize>(&self, key: &K) -> Result<String> {
        self.seal.close(key, &self.query)
    }

    /// A page of at most [`Self::rows`] rows: `key` is what the list is ordered by.
    pub fn page<R, K: Serialize, V>(
        &self,
        mut rows: Vec<R>,
        key: impl Fn(&R) -> K,
        view: impl FnMut(R) -> V,
    ) -> Result<Page<V>> {
        let limit = self.size();
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more);
        let next_cursor = last.map(|row| self.cursor(&key(row))).transpose()?;
        Ok(Page {
            items: rows.into_iter().map(view).collect(),
            next_cursor,
        })
    }
}

impl<F: DeserializeOwned + 'static> FromRequest for Listing<F> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(listing(request))
    }
}

fn listing<F: DeserializeOwned>(request: &HttpRequest) -> Result<Listing<F>> {
    let pairs = query::pairs(request.query_string())?;
    let (paging, filters): (Vec<_>, Vec<_>) = pairs
        .into_iter()
        .partition(|(name, _)| matches!(name.as_str(), "limit" | "cursor"));
    let PageParams { limit, cursor } = query::read(&paging)?;
    let limit = limit.unwrap_or(DEFAULT);
    if !(1..=MOST).contains(&limit) {
        return Err(Error::refused(
            Code::BadRequest,
            format!("The parameter “limit” is not from 1 to {MOST}."),
        ));
    }
    let seal = request
        .app_data::<Data<Seal>>()
        .ok_or_else(|| Error::internal("a list", "no seal was given to the server"))?;
    Ok(Listing {
        filter: query::read(&filters)?,
        limit,
        cursor,
        query: digest(request.path(), filters),
        seal: Data::clone(seal),
    })
}

/// What makes a query the same: its path and its filters, in whatever order.
pub fn digest(path: &str, mut filters: Vec<(String, String)>) -> [u8; 16] {
    filters.sort_unstable();
    let mut digest = Sha256::new_with_prefix(path);
    for (name, value) in filters {
        digest.update([0]);
        digest.update(name);
        digest.update([1]);
        digest.update(value);
    }
    let mut short = [0; 16];
    short.copy_from_slice(&digest.finalize()[..16]);
    short
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Filter {
        kind: Vec<String>,
    }

    fn ask(uri: &str) -> Result<Listing<Filter>> {
        let request = TestRequest::with_uri(uri).app_data(Data::new(Seal::new([7; 32])));
        listing(&request.to_http_request())
    }

    fn next(uri: &str) -> String {
        let page = ask(uri)
            .unwrap()
            .page(vec![1, 2, 3], |row| *row, |row| row)
            .unwrap();
        assert_eq!(page.items, [1, 2]);
        page.next_cursor.expect("there is more")
    }

    #[test]
    fn a_cursor_leads_on_in_the_query_that_it_came_from() {
        let cursor = next("/v1/events?limit=2&kind=a&kind=b");
        let same = ask(&format!("/v1/events?kind=b&cursor={cursor}&kind=a&limit=9")).unwrap();
        assert_eq!(same.filter.kind.len(), 2);
        assert_eq!(same.after::<u8>().unwrap(), Some(2));
        for other in [
            "/v1/events?kind=a",
            "/v1/units?kind=a&kind=b",
            "/v1/events?kind=a&kind=b&kind=b",
        ] {
            let other = ask(&format!("{other}&cursor={cursor}")).unwrap();
            assert_eq!(
                other.after::<u8>().unwrap_err().code(),
                Some(Code::InvalidCursor)
            );
        }
    }

    #[test]
    fn the_last_page_has_no_cursor_and_limits_are_held() {
        let page = ask("/v1/events?limit=3")
            .unwrap()
            .page(vec![1, 2, 3], |row| *row, |row| row)
            .unwrap();
        assert_eq!(page.next_cursor, None);
        for wrong in ["limit=0", "limit=201", "limit=x"] {
            assert_eq!(
                ask(&format!("/v1/events?{wrong}"))
                    .err()
                    .and_then(|e| e.code()),
                Some(Code::BadRequest)
            );
        }
    }
}
