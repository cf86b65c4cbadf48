//! The same for many materials at once, each one step of its own.

use actix_web::{
    HttpRequest, post,
    web::{Data, Json},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::one::change_of;
use crate::{
    access::Caller,
    api::{auth::Staff, client, etag::Expected, json::Body, problem::Problem},
    app::App,
    description::{
        change::{Change, Lists},
        publication::Step,
    },
    error::{Error, Result},
    publish::{self, Wish},
    terms::{MaterialId, Status},
};

const MOST: usize = 1000;

/// What is to be done with many materials.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchInput {
    /// Up to 1,000 of them.
    items: Vec<BatchItem>,
}

/// What is to be done with one of them.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchItem {
    /// The material.
    #[schema(value_type = Uuid)]
    id: MaterialId,
    /// The version that is meant; whichever stands there where none is named.
    #[serde(default)]
    version: Option<i32>,
    /// A merge patch over the description.
    #[serde(default)]
    #[schema(value_type = Option<crate::description::Description>)]
    patch: Option<Value>,
    /// What comes into its lists.
    #[serde(default)]
    add: Lists,
    /// What goes out of its lists.
    #[serde(default)]
    remove: Lists,
    /// Where it is to go.
    #[serde(default)]
    to: Option<Status>,
    /// Why; for staff alone.
    #[serde(default)]
    reason: Option<String>,
}

/// What became of many materials.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchView {
    /// In the order asked.
    items: Vec<BatchResult>,
    /// How many were done.
    succeeded: usize,
    /// How many were not.
    failed: usize,
}

/// What became of one of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchResult {
    /// The material.
    #[schema(value_type = Uuid)]
    id: MaterialId,
    /// The status that a request for it alone would have had.
    status: u16,
    /// The version that it has now.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    /// Why it was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

/// Describe and move many materials
///
/// Each is one step of its own: what can't be done leaves the others alone.
#[utoipa::path(
    tag = "materials",
    operation_id = "batch_materials",
    request_body = BatchInput,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "What became of each", body = BatchView),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/v1/materials/batch")]
pub async fn batch(
    app: Data<App>,
    Staff(caller): Staff,
    request: HttpRequest,
    body: Body<BatchInput>,
) -> Result<Json<BatchView>> {
    if body.value.items.len() > MOST {
        return Err(Error::invalid("/items", format!("are more than {MOST}")));
    }
    let request_id = client::request_id(&request);
    let mut items = Vec::with_capacity(body.value.items.len());
    for item in body.value.items {
        let id = item.id;
        let done = carry_out(&app, &caller, item).await;
        items.push(BatchResult::of(id, done, &request_id));
    }
    let succeeded = items.iter().filter(|item| item.problem.is_none()).count();
    let failed = items.len() - succeeded;
    Ok(Json(BatchView {
        items,
        succeeded,
        failed,
    }))
}

async fn carry_out(app: &App, caller: &Caller, item: BatchItem) -> Result<i32> {
    let expected = item
        .version
        .map_or_else(Expected::any, |version| Expected::one_of(vec![version]));
    let described =
        item.patch.is_some() || item.add != Lists::default() || item.remove != Lists::default();
    let change = match item.patch {
        Some(patch) => change_of(patch).map_err(|error| error.under("/patch"))?,
        None => Change::default(),
    };
    let change = Change {
        add: item.add,
        remove: item.remove,
        reason: item.reason.clone(),
        ..change
    };
    let step = Step {
        reason: item.reason,
        ..Step::default()
    };
    let wish = Wish {
        change: described.then_some(change),
        to: item.to,
        step,
    };
    publish::carry_out(app, caller, item.id, wish, |version| {
        expected.holds(version)
    })
    .await
}

impl BatchResult {
    fn of(id: MaterialId, done: Result<i32>, request_id: &str) -> Self {
        match done {
            Ok(version) => Self {
                id,
                status: 200,
                version: Some(version),
                problem: None,
            },
            Err(error) => {
                crate::api::problem::log(&error, request_id);
                let problem = Problem::new(&error, request_id);
                Self {
                    id,
                    status: problem.status,
                    version: None,
                    problem: Some(problem),
                }
            }
        }
    }
}
