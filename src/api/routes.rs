//! What no route answers: another verb of a path that is there is 405 with `Allow`, all else is 404. Which paths and
//! verbs there are is read from the `OpenAPI` document, so there is no second list.

use actix_web::{
    HttpRequest, HttpResponse,
    dev::ResourceDef,
    http::header::{self, HeaderValue},
    web::Data,
};
use utoipa::openapi::{OpenApi, PathItem};

use crate::error::{Code, Error, Result};

/// Each path with the verbs that it has.
pub struct Routes(Vec<(ResourceDef, Vec<&'static str>)>);

impl Routes {
    pub fn of(document: &OpenApi) -> Self {
        let paths = document.paths.paths.iter();
        Self(
            paths
                .map(|(path, item)| (ResourceDef::new(path.as_str()), verbs(item)))
                .collect(),
        )
    }

    /// The verbs of a path; none where there is no such path. `/v1/materials/batch` is what it says, and no id.
    fn allowed(&self, path: &str) -> Vec<&'static str> {
        let fitting = self.0.iter().filter(|(pattern, _)| pattern.is_match(path));
        let open = |pattern: &ResourceDef| {
            pattern
                .pattern()
                .map_or(0, |words| words.matches('{').count())
        };
        let nearest = fitting.min_by_key(|(pattern, _)| open(pattern));
        let mut found = nearest.map(|(_, verbs)| verbs.clone()).unwrap_or_default();
        found.sort_unstable();
        found
    }
}

/// The answer where no route fits.
pub async fn unknown(request: HttpRequest, routes: Data<Routes>) -> Result<HttpResponse> {
    let allowed = routes.allowed(request.path());
    if allowed.is_empty() {
        return Err(Error::not_found());
    }
    let allowed = allowed.join(", ");
    let error = Error::refused(
        Code::MethodNotAllowed,
        format!(
            "{} is not among the verbs here: {allowed}.",
            request.method()
        ),
    );
    let mut response = HttpResponse::from_error(error);
    response.headers_mut().insert(
        header::ALLOW,
        HeaderValue::from_str(&allowed).map_err(|error| Error::internal("a header", error))?,
    );
    Ok(response)
}

fn verbs(item: &PathItem) -> Vec<&'static str> {
    let each = [
        ("GET", item.get.is_some()),
        ("HEAD", item.get.is_some()),
        ("POST", item.post.is_some()),
        ("PUT", item.put.is_some()),
        ("PATCH", item.patch.is_some()),
        ("DELETE", item.delete.is_some()),
        ("OPTIONS", item.options.is_some()),
    ];
    each.into_iter()
        .filter_map(|(verb, there)| there.then_some(verb))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verbs_of_a_path_come_from_the_document() {
        let routes = Routes::of(&super::super::openapi());
        assert_eq!(routes.allowed("/v1/events"), ["GET", "HEAD", "POST"]);
        assert_eq!(
            routes.allowed("/v1/events/0193"),
            ["DELETE", "GET", "HEAD", "PATCH"]
        );
        assert_eq!(routes.allowed("/v1/materials/batch"), ["POST"]);
        assert!(routes.allowed("/v1/nothing").is_empty());
        assert!(routes.allowed("/").is_empty());
    }
}
