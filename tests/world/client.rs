//! Somebody who speaks HTTP to the server, with a token or without.

use reqwest::{
    Body, Method,
    multipart::{Form, Part},
};
use serde_json::Value;

use super::{Answer, File, PATIENCE};

#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    address: String,
    token: Option<String>,
}

impl Client {
    pub fn new(address: &str, token: Option<&str>) -> Self {
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .no_proxy()
            .build();
        Self {
            http: http.expect("a client"),
            address: address.to_owned(),
            token: token.map(str::to_owned),
        }
    }

    /// The same server, with another token.
    pub fn with(&self, token: Option<String>) -> Self {
        Self {
            token,
            ..self.clone()
        }
    }

    /// Another server, with the same token.
    pub fn at(&self, address: &str) -> Self {
        Self {
            address: address.to_owned(),
            ..self.clone()
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, path, headers, "").await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[JSON], body.to_string())
            .await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, &[JSON], body.to_string())
            .await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], "").await
    }

    /// A step of a material's or a kit's life: `{"to", …}`.
    pub async fn step(&self, things: &str, id: &str, step: &Value) -> Answer {
        self.post(&format!("/v1/{things}/{id}/transitions"), step)
            .await
    }

    /// What is listed under the query: words beside their values, which are escaped here.
    pub async fn materials(&self, query: &[(&str, &str)]) -> Value {
        self.list("/v1/materials", query).await.expect(200).json()
    }

    pub async fn list(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        let url = reqwest::Url::parse_with_params(&self.url(path), query).expect("a URL");
        self.send(Method::GET, url.as_str(), &[], "").await
    }

    pub async fn upload(&self, file: &File, metadata: &Value) -> Answer {
        self.upload_raw(file, &metadata.to_string()).await
    }

    /// The same, with whatever stands for the metadata.
    pub async fn upload_raw(&self, file: &File, metadata: &str) -> Answer {
        let form = Form::new()
            .part(
                "metadata",
                Part::text(metadata.to_owned())
                    .mime_str("application/json")
                    .expect("a media type"),
            )
            .part("file", part(file));
        let request = self.request(Method::POST, "/v1/materials").multipart(form);
        self.answered(request, "POST /v1/materials").await
    }

    /// A corrected original of a material.
    pub async fn replace(&self, id: &str, file: &File) -> Answer {
        self.put(id, Form::new().part("file", part(file))).await
    }

    /// The same with what is told of it.
    pub async fn correct(&self, id: &str, file: &File, told: &Value) -> Answer {
        let form = Form::new().text("metadata", told.to_string());
        self.put(id, form.part("file", part(file))).await
    }

    async fn put(&self, id: &str, form: Form) -> Answer {
        let path = format!("/v1/materials/{id}/original");
        let request = self.request(Method::PUT, &path).multipart(form);
        self.answered(request, &format!("PUT {path}")).await
    }

    /// Anything; `path` may be a whole URL.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let name = format!("{method} {path}");
        let mut request = self.request(method, path).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.answered(request, &name).await
    }

    async fn answered(&self, request: reqwest::RequestBuilder, name: &str) -> Answer {
        let response = request
            .send()
            .await
            .unwrap_or_else(|error| panic!("{name}: {error:?}"));
        Answer::of(name.to_owned(), response).await
    }

    /// A request that is about to be made; for what is to break off in its middle.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, self.url(path));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// `host:port`, for those who speak TCP.
    pub fn host(&self) -> &str {
        self.address.trim_start_matches("http://")
    }

    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    fn url(&self, path: &str) -> String {
        if path.starts_with("http://") {
            path.to_owned()
        } else {
            format!("{}{path}", self.address)
        }
    }
}

pub const JSON: (&str, &str) = ("content-type", "application/json");

fn part(file: &File) -> Part {
    let bytes = Part::bytes(file.bytes.clone()).file_name(file.name.clone());
    bytes.mime_str(file.media_type).expect("a media type")
}
