//! An S3-compatible store: a blob is the object `<prefix><last two letters of the id>/<id>`, put there whole or in parts,
//! never over another one; `<prefix>incoming/<id>.<name>` holds the end of what came of a blob that goes on later. The
//! one door to `aws-sdk-s3`.

use std::{path::PathBuf, sync::Arc, time::Duration};

use aws_sdk_s3::{
    Client,
    config::{
        BehaviorVersion, Credentials, Region, RequestChecksumCalculation,
        ResponseChecksumValidation, retry::RetryConfig, timeout::TimeoutConfig,
    },
    error::{ProvideErrorMetadata, SdkError},
    operation::{get_object::GetObjectOutput, put_object::PutObjectError},
    presigning::PresigningConfig,
    primitives::ByteStream,
};
use aws_smithy_http_client::{
    Builder as HttpBuilder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use tokio::sync::Semaphore;

use crate::{
    config::Aws,
    error::{Code, Error, Result},
    terms::BlobId,
};

mod address;
mod failed;
mod gathered;
mod listing;
mod parts;
mod sizes;

use address::Address;
use failed::{Away, failed, is_conflict, is_missing, is_named_missing};
pub use parts::{Kept, Parts};

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Until the first byte of an answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// For one try of one request, bodies included: 512 MiB at 2 MiB a second.
const TRY_WITHIN: Duration = Duration::from_mins(5);
/// How often a request is tried whose answer was `SlowDown`, another 5xx or none.
const TRIES: u32 = 6;
/// Requests that carry bytes to the store at once, for a node.
const AT_ONCE: usize = 16;

/// Bytes that the store sends.
pub type Body = ByteStream;

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct S3 {
    client: Client,
    address: Arc<Address>,
    /// Where parts lie on their way.
    scratch: Arc<PathBuf>,
    places: Arc<Semaphore>,
}

impl S3 {
    /// The client alone: nothing is asked of the store.
    pub fn new(url: &str, aws: &Aws, scratch: PathBuf) -> Result<Self> {
        let wrong =
            |words: String| Error::refused(Code::BadRequest, format!("JARCHI_STORAGE_URL {words}"));
        let address = Address::parse(url, aws).map_err(wrong)?;
        let (Some(key), Some(secret)) = (&aws.access_key_id, &aws.secret_access_key) else {
            let words = "is an S3 store: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, too";
            return Err(wrong(words.to_owned()));
        };
        let credentials =
            Credentials::new(key, secret, aws.session_token.clone(), None, "settings");
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_WITHIN)
            .read_timeout(ANSWER_WITHIN)
            .operation_attempt_timeout(TRY_WITHIN)
            .build();
        let http = HttpBuilder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let mut config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http)
            .credentials_provider(credentials)
            .region(Region::new(address.region.clone()))
            .force_path_style(address.path_style)
            .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
            .timeout_config(timeouts)
            // The SDK's own are CRC-32 in trailers, which many stores refuse; ours are SHA-256 in headers.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        config.set_endpoint_url(address.endpoint.clone());
        Ok(Self {
            client: Client::from_conf(config.build()),
            address: Arc::new(address),
            scratch: Arc::new(scratch),
            places: Arc::new(Semaphore::new(AT_ONCE)),
        })
    }

    /// Finds out at the start what would else fail at the first upload: whether there is such a bucket, whether it can be
    /// written, and whether it refuses to write over what is there.
    pub async fn prove(&self) -> Result<()> {
        // Some stores make a bucket of whatever name comes along.
        let list = self.client.list_objects_v2().bucket(&self.address.bucket);
        let listed = list.max_keys(1).send().await;
        listed.map_err(|error| self.unfit(&error))?;
        let key = format!("{}incoming/{}.check", self.address.prefix, BlobId::new());
        let put = self.put_once(&key).await;
        put.map_err(|error| self.unfit(&error))?;
        let over = self.put_once(&key).await;
        self.delete(&key).await?;
        match over {
            Err(error) if is_conflict(&error) => Ok(()),
            Err(error) => Err(self.unfit(&error)),
            Ok(()) => {
                tracing::warn!(
                    "the S3 store writes over what is there: it does not know If-None-Match"
                );
                Ok(())
            }
        }
    }

    async fn put_once(&self, key: &str) -> Result<(), SdkError<PutObjectError>> {
        let put = self
            .client
            .put_object()
            .bucket(&self.address.bucket)
            .key(key);
        let put = put
            .if_none_match("*")
            .body(ByteStream::from_static(b"Jarchi"));
        put.send().await.map(drop)
    }

    fn unfit<E>(&self, error: &SdkError<E>) -> Error
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let place = self.address.endpoint.as_deref().unwrap_or("Amazon S3");
        let bucket = &self.address.bucket;
        let why = match failed::sort(error) {
            Away::NoBucket => format!("there is no bucket “{bucket}” at {place}"),
            Away::Forbidden(code) => {
                format!(
                    "{place} does not take these credentials for bucket “{bucket}” ({code}): see AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
                )
            }
            Away::NoStore => format!("what answers at {place} is no S3 store"),
            Away::Other(words) => format!("the S3 store at {place} does not answer: {words}"),
        };
        Error::refused(Code::BadRequest, format!("JARCHI_STORAGE_URL: {why}"))
    }

    pub fn scratch(&self) -> &std::path::Path {
        &self.scratch
    }

    /// The bytes of a blob from `offset` on, `length` of them at most; none where there is no such blob.
    pub async fn get(&self, id: BlobId, offset: u64, length: Option<u64>) -> Result<Option<Body>> {
        let get = self
            .client
            .get_object()
            .bucket(&self.address.bucket)
            .key(self.key(id));
        let range = match length {
            Some(length) => Some(format!("bytes={offset}-{}", offset + length.max(1) - 1)),
            None if offset > 0 => Some(format!("bytes={offset}-")),
            None => None,
        };
        match get.set_range(range).send().await {
            Ok(found) if length.is_some_and(|length| !is_long(&found, length)) => {
                let words = "the store answered with other bytes than it was asked for";
                Err(Error::unavailable("the storage", words))
            }
            Ok(found) => Ok(Some(found.body)),
            Err(error) if is_named_missing(&error) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// The size of a blob that lies in the store.
    pub async fn size(&self, id: BlobId) -> Result<Option<u64>> {
        let head = self
            .client
            .head_object()
            .bucket(&self.address.bucket)
            .key(self.key(id));
        match head.send().await {
            Ok(found) => Ok(found.content_length().and_then(|size| size.try_into().ok())),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    pub async fn remove(&self, id: BlobId) -> Result<()> {
        self.delete(&self.key(id)).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let delete = self
            .client
            .delete_object()
            .bucket(&self.address.bucket)
            .key(key);
        match delete.send().await {
            Err(error) if !is_missing(&error) => Err(failed(error)),
            _ => Ok(()),
        }
    }

    pub async fn ping(&self) -> Result<()> {
        let head = self.client.head_bucket().bucket(&self.address.bucket);
        head.send().await.map(drop).map_err(failed)
    }

    /// An address under which whoever has it reads the blob for so long, without Jarchi.
    pub async fn presigned(
        &self,
        id: BlobId,
        lasting: Duration,
        media_type: &str,
        disposition: &str,
    ) -> Result<String> {
        let lasting = PresigningConfig::expires_in(lasting)
            .map_err(|error| Error::internal("an address in the storage", error))?;
        let get = self
            .client
            .get_object()
            .bucket(&self.address.bucket)
            .key(self.key(id));
        let get = get
            .response_content_type(media_type)
            .response_content_disposition(disposition);
        let signed = get.presigned(lasting).await.map_err(failed)?;
        Ok(signed.uri().to_owned())
    }

    fn key(&self, id: BlobId) -> String {
        let id = id.to_string();
        format!("{}{}/{id}", self.address.prefix, &id[id.len() - 2..])
    }

    fn tail_key(&self, id: BlobId, name: &str) -> String {
        format!("{}{name}", self.tails(id))
    }

    /// What the keys of a blob's tails begin with.
    fn tails(&self, id: BlobId) -> String {
        format!("{}incoming/{id}.", self.address.prefix)
    }

    /// A header's value, where checksums are sent.
    fn checksum(&self, sha256: &[u8]) -> Option<String> {
        self.address.checksums.then(|| STANDARD.encode(sha256))
    }
}

/// Whether an answer brings so many bytes.
fn is_long(found: &GetObjectOutput, length: u64) -> bool {
    found.content_length() == i64::try_from(length).ok()
}

/// What comes next of a body.
pub async fn next(body: &mut Body) -> Result<Option<Bytes>> {
    body.try_next()
        .await
        .map_err(|error| Error::unavailable("the storage", error))
}
