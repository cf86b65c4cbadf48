//! Byte answers (RFC 9110 sections 13 to 15, RFC 9530): what is to be sent is described by [`Bytes`], and comes from a
//! function that gives any range as a stream. Conditions, ranges, several ranges at once, digests and names are seen to
//! here. Nothing is compressed, so that sizes and ranges stay those of the file.

use std::ops::Range;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    body::SizedStream,
    http::{StatusCode, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};

use super::{client, etag::joined, problem};
use crate::{
    deliver::{conditions, ranges},
    error::{Code, Error, Result},
    language::filenames::content_disposition,
};

type Piece = Result<bytes::Bytes>;

/// What is to be sent.
#[derive(Debug, Clone)]
pub struct Bytes {
    pub size: u64,
    /// Strong, in its quotes.
    pub etag: String,
    /// In hexadecimal, where it is known.
    pub sha256: Option<String>,
    pub media_type: String,
    pub filename: String,
    /// Whether a browser is to keep it rather than show it.
    pub attachment: bool,
    /// Whether a shared cache may keep it: no rights were needed.
    pub public: bool,
    /// Whether `Range` is heard without `If-Range` or `If-Match`. Not where the layout may change under the client.
    pub ranges: bool,
}

impl Bytes {
    /// The answer to the request: 200, 206, 304, 412 or 416. `read` gives the bytes of a range, which is never empty.
    pub async fn answer<S>(
        self,
        request: &HttpRequest,
        read: impl Fn(Range<u64>) -> S + 'static,
    ) -> Result<HttpResponse>
    where
        S: Stream<Item = Piece> + 'static,
    {
        let header = |name| joined(request, &name);
        if !conditions::if_match(header(header::IF_MATCH).as_deref(), Some(&self.etag)) {
            return Err(Error::refused(
                Code::PreconditionFailed,
                "These are other bytes than the request was made for.",
            ));
        }
        if !conditions::if_none_match(header(header::IF_NONE_MATCH).as_deref(), Some(&self.etag)) {
            return Ok(self.head(StatusCode::NOT_MODIFIED).finish());
        }
        let id = client::request_id(request);
        match self.asked(request) {
            ranges::Ranges::Whole => self.whole(read, id).await,
            ranges::Ranges::One(range) => self.one(range, read, id).await,
            ranges::Ranges::Many(ranges) => self.many(ranges, read, id).await,
            ranges::Ranges::Unsatisfiable => self.unsatisfiable(),
        }
    }

    fn asked(&self, request: &HttpRequest) -> ranges::Ranges {
        let condition = joined(request, &header::IF_RANGE);
        let guarded = condition.is_some() || request.headers().contains_key(header::IF_MATCH);
        if !(self.ranges || guarded)
            || !conditions::if_range(condition.as_deref(), &self.etag, None)
        {
            return ranges::Ranges::Whole;
        }
        ranges::parse(joined(request, &header::RANGE).as_deref(), self.size)
    }

    async fn whole<S: Stream<Item = Piece> + 'static>(
        &self,
        read: impl Fn(Range<u64>) -> S,
        request_id: String,
    ) -> Result<HttpResponse> {
        let mut response = self.head(StatusCode::OK);
        response.insert_header((header::CONTENT_TYPE, self.media_type.as_str()));
        if self.size == 0 {
            return Ok(response.body(bytes::Bytes::new()));
        }
        let bytes = begun(read(0..self.size), request_id).await?;
        Ok(response.body(SizedStream::new(self.size, bytes)))
    }

    async fn one<S: Stream<Item = Piece> + 'static>(
        &self,
        range: Range<u64>,
        read: impl Fn(Range<u64>) -> S,
        request_id: String,
    ) -> Result<HttpResponse> {
        let mut response = self.head(StatusCode::PARTIAL_CONTENT);
        response.insert_header((header::CONTENT_TYPE, self.media_type.as_str()));
        response.insert_header((
            header::CONTENT_RANGE,
            ranges::content_range(&range, self.size),
        ));
        let length = range.end - range.start;
        let bytes = begun(read(range), request_id).await?;
        Ok(response.body(SizedStream::new(length, bytes)))
    }

    /// `multipart/byteranges` (section 14.6).
    async fn many<S: Stream<Item = Piece> + 'static>(
        &self,
        ranges: Vec<Range<u64>>,
        read: impl Fn(Range<u64>) -> S + 'static,
        request_id: String,
    ) -> Result<HttpResponse> {
        let boundary = uuid::Uuid::new_v4().simple().to_string();
        let heads: Vec<bytes::Bytes> = ranges
            .iter()
            .map(|range| self.part(&boundary, range))
            .collect();
        let end = bytes::Bytes::from(format!("\r\n--{boundary}--\r\n"));
        let bodies: u64 = ranges.iter().map(|range| range.end - range.start).sum();
        let length =
            heads.iter().map(|head| head.len() as u64).sum::<u64>() + bodies + end.len() as u64;
        let parts = stream::iter(heads.into_iter().zip(ranges))
            .flat_map(move |(head, range)| stream::iter([Ok(head)]).chain(read(range)))
            .chain(stream::iter([Ok(end)]));
        let mut response = self.head(StatusCode::PARTIAL_CONTENT);
        response.insert_header((
            header::CONTENT_TYPE,
            format!("multipart/byteranges; boundary={boundary}"),
        ));
        let bytes = begun(parts, request_id).await?;
        Ok(response.body(SizedStream::new(length, bytes)))
    }

    fn part(&self, boundary: &str, range: &Range<u64>) -> bytes::Bytes {
        let content_range = ranges::content_range(range, self.size);
        let media_type = &self.media_type;
        format!("\r\n--{boundary}\r\nContent-Type: {media_type}\r\nContent-Range: {content_range}\r\n\r\n").into()
    }

    fn unsatisfiable(&self) -> Result<HttpResponse> {
        let words = format!(
            "There are {} bytes, and none in the range that was asked for.",
            self.size
        );
        let mut response =
            HttpResponse::from_error(Error::refused(Code::RangeNotSatisfiable, words));
        let content_range = header::HeaderValue::from_str(&ranges::unsatisfied(self.size));
        let content_range = content_range.map_err(|error| Error::internal("a header", error))?;
        response
            .headers_mut()
            .insert(header::CONTENT_RANGE, content_range);
        Ok(response)
    }

    fn head(&self, status: StatusCode) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(status);
        let cache = if self.public {
            "no-cache"
        } else {
            "private, no-cache"
        };
        response
            .insert_header((header::ETAG, self.etag.as_str()))
            .insert_header((header::CACHE_CONTROL, cache));
        if status == StatusCode::NOT_MODIFIED {
            return response;
        }
        response
            // Keeps the compressor away; the word itself is taken out at the edge.
            .insert_header((header::CONTENT_ENCODING, "identity"))
            .insert_header((header::ACCEPT_RANGES, "bytes"))
            .insert_header((
                header::CONTENT_DISPOSITION,
                content_disposition(&self.filename, self.attachment),
            ))
            .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
        if let Some(digest) = self.sha256.as_deref().and_then(|hex| hex::decode(hex).ok()) {
            response.insert_header((
                "repr-digest",
                format!("sha-256=:{}:", STANDARD.encode(digest)),
            ));
        }
        response
    }
}

/// Waits for the first piece, so that what cannot be read at all is answered as such, with a status. Once bytes are on
/// their way nobody else can say that they broke off: the connection is cut, and the line is written and counted here.
async fn begun<S: Stream<Item = Piece> + 'static>(
    bytes: S,
    request_id: String,
) -> Result<impl Stream<Item = Piece> + 'static> {
    let mut bytes = Box::pin(bytes);
    let first = bytes.next().await.transpose()?;
    let rest = bytes.inspect_err(move |error| {
        problem::log(error, &request_id);
        super::metrics::broke_off();
    });
    let all = stream::iter(first.map(Ok)).chain(rest);
    Ok(all.inspect_ok(|bytes| super::metrics::sent(bytes.len())))
}

#[cfg(test)]
mod tests {
    use actix_web::{body::to_bytes, test::TestRequest};

    use super::*;

    const FILE: &[u8] = b"0123456789";

    fn described(ranges: bool) -> Bytes {
        Bytes {
            size: FILE.len() as u64,
            etag: "\"e\"".into(),
            sha256: Some("00ff".into()),
            media_type: "image/jpeg".into(),
            filename: "Брифинг.jpg".into(),
            attachment: true,
            public: false,
            ranges,
        }
    }

    fn read(range: Range<u64>) -> impl Stream<Item = Piece> {
        let slice = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
        stream::iter(
            FILE[slice]
                .chunks(3)
                .map(|piece| Ok(bytes::Bytes::from_static(piece))),
        )
    }

    async fn ask(ranges: bool, headers: &[(&'static str, &'static str)]) -> (HttpResponse, String) {
        let mut request = TestRequest::default();
        for header in headers {
            request = request.insert_header(*header);
        }
        let response = described(ranges)
            .answer(&request.to_http_request(), read)
            .await
            .expect("an answer");
        let (response, body) = response.into_parts();
        let body = to_bytes(body).await.expect("a body");
        (
            response.set_body(actix_web::body::BoxBody::new(())),
            String::from_utf8(body.to_vec()).unwrap(),
        )
    }

    #[actix_web::test]
    async fn the_whole_comes_with_all_that_is_known_of_it() {
        let (response, body) = ask(true, &[]).await;
        assert_eq!(
            (response.status(), body.as_str()),
            (StatusCode::OK, "0123456789")
        );
        let headers = response.headers();
        assert_eq!(headers.get("repr-digest").unwrap(), "sha-256=:AP8=:");
        assert_eq!(
            headers.get(header::CACHE_CONTROL).unwrap(),
            "private, no-cache"
        );
        assert_eq!(headers.get(header::ACCEPT_RANGES).unwrap(), "bytes");
    }

    #[actix_web::test]
    async fn ranges_one_and_many() {
        let (response, body) = ask(true, &[("range", "bytes=2-4")]).await;
        assert_eq!(
            (response.status(), body.as_str()),
            (StatusCode::PARTIAL_CONTENT, "234")
        );
        assert_eq!(
            response.headers().get(header::CONTENT_RANGE).unwrap(),
            "bytes 2-4/10"
        );
        let (response, body) = ask(true, &[("range", "bytes=0-0,-2")]).await;
        assert_eq!(response.status(), StatusCode::PARTIAL_CONTENT);
        assert!(
            body.contains("Content-Range: bytes 0-0/10\r\n\r\n0\r\n--"),
            "{body}"
        );
        assert!(
            body.contains("Content-Range: bytes 8-9/10\r\n\r\n89\r\n--"),
            "{body}"
        );
        let (response, _) = ask(true, &[("range", "bytes=10-")]).await;
        assert_eq!(response.status(), StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(
            response.headers().get(header::CONTENT_RANGE).unwrap(),
            "bytes */10"
        );
    }

    #[actix_web::test]
    async fn conditions_hold_back_and_guard() {
        assert_eq!(
            ask(true, &[("if-none-match", "\"e\"")]).await.0.status(),
            StatusCode::NOT_MODIFIED
        );
        assert_eq!(
            ask(true, &[("range", "bytes=1-"), ("if-range", "\"old\"")])
                .await
                .0
                .status(),
            StatusCode::OK
        );
        assert_eq!(
            ask(false, &[("range", "bytes=1-")]).await.0.status(),
            StatusCode::OK
        );
        assert_eq!(
            ask(false, &[("range", "bytes=1-"), ("if-range", "\"e\"")])
                .await
                .0
                .status(),
            StatusCode::PARTIAL_CONTENT
        );
        assert_eq!(
            ask(false, &[("range", "bytes=1-"), ("if-match", "\"e\"")])
                .await
                .0
                .status(),
            StatusCode::PARTIAL_CONTENT
        );
    }

    #[actix_web::test]
    async fn what_cannot_be_read_at_all_is_an_error_with_a_status() {
        let gone = |_| stream::iter([Err(Error::unavailable("the storage", "away"))]);
        let request = TestRequest::default().to_http_request();
        let error = described(true)
            .answer(&request, gone)
            .await
            .expect_err("away");
        assert!(matches!(error, Error::Unavailable { .. }));
    }
}
