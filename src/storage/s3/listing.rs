//! What lies in the store, page by page.

use futures_util::{Stream, stream};

use super::{S3, failed, is_missing};
use crate::{
    error::Result,
    storage::{Page, Stored},
    terms::BlobId,
};

impl S3 {
    /// Everything under the prefix, a thousand objects at a time, and last what is not put together.
    pub fn pages(&self) -> impl Stream<Item = Result<Page>> + Send + use<> {
        enum From {
            Objects(Option<String>),
            Multiparts,
        }
        let first = Some((self.clone(), From::Objects(None)));
        stream::try_unfold(first, |from| async move {
            let Some((s3, from)) = from else {
                return Ok(None);
            };
            Ok(Some(match from {
                From::Objects(token) => {
                    let (page, next) = s3.page(token).await?;
                    let next = next.map_or(From::Multiparts, |token| From::Objects(Some(token)));
                    (page, Some((s3, next)))
                }
                From::Multiparts => {
                    let open = s3.multiparts(&s3.address.prefix).await?;
                    let page = Page {
                        unfinished: open.into_iter().map(|(id, _)| id).collect(),
                        ..Page::default()
                    };
                    (page, None)
                }
            }))
        })
    }

    async fn page(&self, token: Option<String>) -> Result<(Page, Option<String>)> {
        let list = self.client.list_objects_v2().bucket(&self.address.bucket);
        let list = list
            .prefix(&self.address.prefix)
            .set_continuation_token(token);
        let found = list.send().await.map_err(failed)?;
        let mut page = Page::default();
        for object in found.contents() {
            let (key, size) = (object.key().unwrap_or_default(), object.size().unwrap_or(0));
            let name = key.strip_prefix(&self.address.prefix).unwrap_or(key);
            if let Some(id) = blob(name) {
                let size = size.unsigned_abs();
                page.blobs.push(Stored { id, size });
            } else if let Some(id) = tail(name) {
                page.unfinished.push(id);
            } else {
                page.strangers.push(key.to_owned());
            }
        }
        let next = found.next_continuation_token().map(str::to_owned);
        Ok((page, next.filter(|_| found.is_truncated() == Some(true))))
    }

    /// The blobs of which parts lie in the store that are not put together, with the store's name for each.
    async fn multiparts(&self, prefix: &str) -> Result<Vec<(BlobId, String)>> {
        let (mut found, mut key, mut upload) = (Vec::new(), None, None);
        loop {
            let list = self
                .client
                .list_multipart_uploads()
                .bucket(&self.address.bucket);
            let list = list
                .prefix(prefix)
                .set_key_marker(key.take())
                .set_upload_id_marker(upload.take());
            let page = list.send().await.map_err(failed)?;
            for open in page.uploads() {
                let key = open.key().unwrap_or_default();
                let name = key.strip_prefix(&self.address.prefix).unwrap_or(key);
                if let (Some(id), Some(upload)) = (blob(name), open.upload_id()) {
                    found.push((id, upload.to_owned()));
                }
            }
            if page.is_truncated() != Some(true) {
                return Ok(found);
            }
            key = page.next_key_marker().map(str::to_owned);
            upload = page.next_upload_id_marker().map(str::to_owned);
        }
    }

    /// Ends a multipart upload; its parts go.
    pub async fn abort(&self, id: BlobId, upload: &str) -> Result<()> {
        let abort = self
            .client
            .abort_multipart_upload()
            .bucket(&self.address.bucket);
        match abort.key(self.key(id)).upload_id(upload).send().await {
            Err(error) if !is_missing(&error) => Err(failed(error)),
            _ => Ok(()),
        }
    }

    /// Removes what came of a blob that is not put together, and what was put aside of it.
    pub async fn discard(&self, id: BlobId) -> Result<()> {
        for (_, upload) in self.multiparts(&self.key(id)).await? {
            self.abort(id, &upload).await?;
        }
        let list = self.client.list_objects_v2().bucket(&self.address.bucket);
        let found = list.prefix(self.tails(id)).send().await.map_err(failed)?;
        for object in found.contents() {
            self.delete(object.key().unwrap_or_default()).await?;
        }
        Ok(())
    }
}

/// `3f/0193…3f`
fn blob(name: &str) -> Option<BlobId> {
    let (folder, id) = name.split_once('/')?;
    let is_its = folder.len() == 2 && id.len() == 36 && id.ends_with(folder);
    is_its.then(|| id.parse().ok().map(BlobId)).flatten()
}

/// `incoming/0193….5242880`
fn tail(name: &str) -> Option<BlobId> {
    let (id, _) = name.strip_prefix("incoming/")?.split_once('.')?;
    id.parse().ok().map(BlobId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_tails_and_strangers_are_told_apart() {
        let id = BlobId::new();
        let text = id.to_string();
        let folder = &text[34..];
        assert_eq!(blob(&format!("{folder}/{text}")), Some(id));
        assert_eq!(blob(&format!("zz/{text}")), None);
        assert_eq!(blob("readme.txt"), None);
        assert_eq!(tail(&format!("incoming/{text}.5")), Some(id));
        assert_eq!(tail(&format!("{folder}/{text}")), None);
    }
}
