//! What of the feed somebody wants. A filter is a view of its own: what begins to fit is published in it, what ceases to
//! fit is removed from it.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    access::Caller,
    db::feed::Seen,
    error::{Code, Error, Result},
    language::Language,
    terms::Kind,
};

/// Alternatives within one, all of them together.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct Filter {
    /// Materials of one of these kinds; kits have none.
    #[param(inline)]
    pub kind: Vec<Kind>,
    /// Works in one of these languages; kits have none.
    #[param(value_type = Vec<String>)]
    pub language: Vec<Language>,
    /// Things with a headline, a caption or a title in one of these languages.
    #[param(value_type = Vec<String>)]
    pub described_in: Vec<Language>,
    /// What is open to one of these of the caller's audiences.
    pub audience: Vec<String>,
    /// Materials with one of these keywords, as they are written.
    pub keyword: Vec<String>,
}

impl Filter {
    /// Those of the caller's audiences that are asked about.
    ///
    /// # Errors
    /// A bad request where another audience is named, whether there is one of that name or not.
    pub fn audiences(&self, caller: &Caller) -> Result<Vec<String>> {
        let own = &caller.audiences;
        if let Some(foreign) = self.audience.iter().find(|named| !own.contains(named)) {
            let words = format!("The parameter “audience”: “{foreign}” is none of yours.");
            return Err(Error::refused(Code::BadRequest, words));
        }
        let asked =
            |audience: &&String| self.audience.is_empty() || self.audience.contains(audience);
        Ok(own.iter().filter(asked).cloned().collect())
    }

    pub fn fits(&self, seen: &Seen) -> bool {
        let tongue = |list: &[Language], tag: &str| list.iter().any(|one| one.as_str() == tag);
        let kind = self.kind.is_empty() || seen.kind.is_some_and(|kind| self.kind.contains(&kind));
        let language = self.language.is_empty()
            || seen
                .language
                .as_deref()
                .is_some_and(|tag| tongue(&self.language, tag));
        let described = self.described_in.is_empty()
            || seen
                .described_in
                .iter()
                .any(|tag| tongue(&self.described_in, tag));
        let keyword =
            self.keyword.is_empty() || seen.keywords.iter().any(|word| self.keyword.contains(word));
        kind && language && described && keyword
    }
}
