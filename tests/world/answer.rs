//! An answer of the server, whole, with what tests ask of it.

use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, and the request that it answers.
#[derive(Debug, Clone)]
pub struct Answer {
    pub request: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Answer {
    pub async fn of(request: String, response: reqwest::Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            bytes: response.bytes().await.expect("the whole body"),
            request,
        }
    }

    /// The answer, where it has the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.request, self.words());
        self
    }

    /// A problem document of the status, whose type ends with `slug` and which shows nothing of the machine.
    #[track_caller]
    pub fn problem(self, status: u16, slug: &str) -> Value {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        let sort = problem["type"].as_str().expect("a type");
        assert!(
            sort.ends_with(&format!("/{slug}")),
            "{}: {problem}",
            answer.request
        );
        assert_eq!(problem["status"], status);
        assert!(
            problem["title"].is_string() && problem["detail"].is_string(),
            "{problem}"
        );
        let words = problem.to_string();
        for trace in [
            "SELECT",
            "INSERT",
            "src/",
            ".rs:",
            "/tmp/",
            "stack backtrace",
        ] {
            assert!(!words.contains(trace), "{}: {words}", answer.request);
        }
        problem
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.request, self.words()))
    }

    /// The text under a JSON pointer.
    #[track_caller]
    pub fn text(&self, pointer: &str) -> String {
        let value = self.json();
        let text = value.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("{}: no {pointer} in {value}", self.request))
            .to_owned()
    }

    #[track_caller]
    pub fn id(&self) -> String {
        self.text("/id")
    }

    /// The header's text; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a header in ASCII"))
    }

    fn words(&self) -> String {
        String::from_utf8_lossy(&self.bytes[..self.bytes.len().min(2000)]).into_owned()
    }
}

/// The ids of a list's items, in their order.
#[track_caller]
pub fn ids(list: &Value) -> Vec<String> {
    let items = list["items"]
        .as_array()
        .unwrap_or_else(|| panic!("no list: {list}"));
    items
        .iter()
        .map(|item| item["id"].as_str().expect("an id").to_owned())
        .collect()
}
