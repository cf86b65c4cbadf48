//! An upload under test, spoken to with bare requests.

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use sha2::{Digest, Sha256};

use crate::world::{Answer, Client};

pub const RESUMABLE: (&str, &str) = ("tus-resumable", "1.0.0");
pub const BYTES: (&str, &str) = ("content-type", "application/offset+octet-stream");

/// What every request with bytes says.
pub const RESUMABLE_BYTES: [(&str, &str); 2] = [RESUMABLE, BYTES];

/// Where an upload is, and what it is for.
#[derive(Debug, Clone)]
pub struct Session {
    pub client: Client,
    pub path: String,
    pub material: String,
}

/// Some mebibytes of text, told apart by its number.
pub fn file(number: u32, size: usize) -> Vec<u8> {
    let lines = (0..).map(|line: u32| {
        format!(
            "Сатр {number}.{line}: {:x}\n",
            line.wrapping_mul(0x9e37_79b9)
        )
    });
    let mut bytes: Vec<u8> = lines.flat_map(String::into_bytes).take(size).collect();
    // No letter is cut in its middle.
    let end = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(size, |at| at + 1);
    bytes[end..].fill(b'\n');
    bytes
}

pub fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// `Upload-Metadata` of a file name and a description.
pub fn metadata(filename: &str, description: &serde_json::Value) -> String {
    let (name, document) = (
        STANDARD.encode(filename),
        STANDARD.encode(description.to_string()),
    );
    format!("filename {name},metadata {document}")
}

/// Creates an upload of the length.
pub async fn begin(client: &Client, length: usize) -> Session {
    let length = length.to_string();
    let said = metadata("Шаҳар.txt", &serde_json::json!({}));
    create(
        client,
        &[("upload-length", &length), ("upload-metadata", &said)],
    )
    .await
    .expect(201)
    .session(client)
}

pub async fn create(client: &Client, headers: &[(&str, &str)]) -> Answer {
    let mut all = vec![RESUMABLE];
    all.extend(headers);
    client.send(Method::POST, "/v1/uploads", &all, "").await
}

impl Answer {
    /// The upload that this answer made.
    #[track_caller]
    pub fn session(&self, client: &Client) -> Session {
        let location = self.header("location");
        assert!(location.starts_with("/v1/uploads/"), "{location}");
        Session {
            client: client.clone(),
            path: location.to_owned(),
            material: self.header("jarchi-material").to_owned(),
        }
    }
}

impl Session {
    pub async fn patch(&self, offset: usize, bytes: &[u8]) -> Answer {
        self.patch_with(offset, bytes, &[]).await
    }

    pub async fn patch_with(&self, offset: usize, bytes: &[u8], more: &[(&str, &str)]) -> Answer {
        let offset = offset.to_string();
        let mut headers = vec![RESUMABLE, BYTES, ("upload-offset", &offset)];
        headers.extend(more);
        self.client
            .send(Method::PATCH, &self.path, &headers, bytes.to_vec())
            .await
    }

    pub async fn head(&self) -> Answer {
        self.client
            .send(Method::HEAD, &self.path, &[RESUMABLE], "")
            .await
    }

    pub async fn end(&self) -> Answer {
        self.client
            .send(Method::DELETE, &self.path, &[RESUMABLE], "")
            .await
    }

    /// Where it stands.
    pub async fn offset(&self) -> usize {
        let head = self.head().await.expect(200);
        head.header("upload-offset").parse().expect("an offset")
    }

    /// The same on a server that began again.
    pub fn on(&self, client: &Client) -> Self {
        Self {
            client: client.clone(),
            ..self.clone()
        }
    }
}
