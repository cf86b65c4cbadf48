//! The API as the import needs it, over the socket of the process that holds the data folder.

use std::{path::Path, time::Duration};

use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    header::RETRY_AFTER,
    multipart::{Form, Part},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::{Code, Error, Result};

/// How often a service that is busy is asked again.
const ATTEMPTS: u32 = 10;
const PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

pub struct Client {
    http: reqwest::Client,
    token: String,
}

/// A file by its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Digest {
    /// SHA-256, in hexadecimal.
    pub sha256: String,
    /// In bytes.
    pub size: u64,
}

/// What became of a file that was sent.
#[derive(Debug)]
pub enum Sent {
    Added { id: Uuid, sha256: String },
    Refused(String),
}

impl Client {
    /// `socket` must stay valid as long as the client is used.
    pub fn new(socket: &Path, token: &str) -> Result<Self> {
        let http = reqwest::Client::builder().unix_socket(socket);
        Ok(Self {
            http: http.build().map_err(away)?,
            token: token.to_owned(),
        })
    }

    /// For each of the files, whether one with its bytes is there.
    pub async fn check(&self, files: &[Digest]) -> Result<Vec<bool>> {
        #[derive(Deserialize)]
        struct Known {
            materials: Vec<Uuid>,
        }
        #[derive(Deserialize)]
        struct Answer {
            files: Vec<Known>,
        }
        let answer: Answer = self
            .asked(Method::POST, "/v1/uploads/check", |request| {
                request.json(&json!({ "files": files }))
            })
            .await?;
        if answer.files.len() != files.len() {
            return Err(Error::internal(
                "the answer of the service",
                "not one for each file",
            ));
        }
        let there = answer.files.iter().map(|known| !known.materials.is_empty());
        Ok(there.collect())
    }

    /// The answer to a question.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T> {
        let query: Vec<String> = query
            .iter()
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .collect();
        let path = format!("{path}?{}", query.join("&"));
        self.asked(Method::GET, &path, |request| request).await
    }

    /// Sends a file. `bytes` gives it anew for each attempt.
    pub async fn send<B, F>(
        &self,
        name: &str,
        size: u64,
        event: Option<&str>,
        bytes: B,
    ) -> Result<Sent>
    where
        B: Fn() -> F,
        F: Future<Output = std::io::Result<reqwest::Body>>,
    {
        let mut attempt = 1;
        loop {
            let body = match bytes().await {
                Ok(body) => body,
                Err(error) => return Ok(Sent::Refused(error.to_string())),
            };
            let mut form = Form::new();
            if let Some(event) = event {
                form = form.text("metadata", json!({ "event": event }).to_string());
            }
            let file = Part::stream_with_length(body, size).file_name(name.to_owned());
            let request = self.request(Method::POST, "/v1/materials");
            let answer = request.multipart(form.part("file", file)).send().await;
            let answer = answer.map_err(away)?;
            if is_busy(&answer) && attempt < ATTEMPTS {
                tokio::time::sleep(pause(&answer)).await;
                attempt += 1;
                continue;
            }
            return sent(answer).await;
        }
    }

    async fn asked<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        with: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<T> {
        let mut attempt = 1;
        loop {
            let request = with(self.request(method.clone(), path));
            let answer = request.send().await.map_err(away)?;
            if is_busy(&answer) && attempt < ATTEMPTS {
                tokio::time::sleep(pause(&answer)).await;
                attempt += 1;
                continue;
            }
            if answer.status().is_success() {
                return answer.json().await.map_err(away);
            }
            let (status, problem) = (answer.status(), problem(answer).await?);
            let code = match status {
                StatusCode::NOT_FOUND => Code::NotFound,
                StatusCode::UNAUTHORIZED => Code::Unauthenticated,
                _ => Code::BadRequest,
            };
            return Err(Error::refused(code, problem));
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        // The name is for the Host header alone: the socket leads there.
        let url = format!("http://jarchi{path}");
        self.http.request(method, url).bearer_auth(&self.token)
    }
}

async fn sent(answer: Response) -> Result<Sent> {
    #[derive(Deserialize)]
    struct Original {
        sha256: String,
    }
    #[derive(Deserialize)]
    struct Material {
        id: Uuid,
        original: Original,
    }
    let status = answer.status();
    if status.is_success() {
        let made: Material = answer.json().await.map_err(away)?;
        return Ok(Sent::Added {
            id: made.id,
            sha256: made.original.sha256,
        });
    }
    let problem = problem(answer).await?;
    match status {
        // No other file would fare better.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::SERVICE_UNAVAILABLE => {
            Err(Error::refused(Code::Forbidden, problem))
        }
        _ => Ok(Sent::Refused(problem)),
    }
}

/// What a problem document (RFC 9457) says to people.
async fn problem(answer: Response) -> Result<String> {
    let status = answer.status();
    let body = answer.bytes().await.map_err(away)?;
    let detail = serde_json::from_slice::<Value>(&body)
        .ok()
        .and_then(|problem| Some(problem.get("detail")?.as_str()?.to_owned()));
    Ok(detail.unwrap_or_else(|| format!("the service answered {status}")))
}

fn is_busy(answer: &Response) -> bool {
    answer.status() == StatusCode::SERVICE_UNAVAILABLE
}

fn pause(answer: &Response) -> Duration {
    let said = answer
        .headers()
        .get(RETRY_AFTER)
        .and_then(|said| said.to_str().ok());
    let seconds = said.and_then(|said| said.parse().ok());
    seconds
        .map_or(PAUSE, Duration::from_secs)
        .min(LONGEST_PAUSE)
}

fn escaped(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn away(error: reqwest::Error) -> Error {
    Error::unavailable("the service", error)
}
