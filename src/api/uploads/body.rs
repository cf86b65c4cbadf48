//! The bytes of a request on their way into an upload. They are taken by a task of its own: where the client goes away,
//! what came is kept all the same.

use actix_web::web::{Data, Payload};
use bytes::Bytes;
use futures_util::StreamExt;

use super::headers::PartHeaders;
use crate::{
    access::Caller,
    api::multipart::STALL,
    app::App,
    db::uploads::Model,
    error::{Code, Error, Result},
    terms::{UploadId, UploadState},
    upload::session::{self, Taking},
};

/// Why a body ended.
enum Ended {
    /// With its last byte.
    Whole,
    /// The line broke, or nothing came for too long.
    Broken,
    /// Another request waits for the upload, or the process is about to end.
    Asked,
}

/// Takes the bytes, and gives the upload as it stands with them.
///
/// # Errors
/// As the upload says; a bad request where the body breaks off, and what came is kept.
pub async fn pour(
    app: &Data<App>,
    caller: &Caller,
    id: UploadId,
    headers: PartHeaders,
    payload: Payload,
) -> Result<Model> {
    let upload = session::one(app.db.read(), caller, id).await?;
    session::takes_bytes(&upload)?;
    if upload.state == UploadState::Finished
        && headers.part.offset == upload.received.unsigned_abs()
    {
        return nothing_more(upload, payload).await;
    }
    let size = headers.part.size;
    let mut taking = Taking::begin(app, &upload, headers.part).await?;
    let poured = actix_web::rt::spawn(async move {
        let mut checksum = headers.checksum;
        let mut taken = 0;
        let read = read(&mut taking, payload, &mut taken, |bytes| {
            if let Some(checksum) = &mut checksum {
                checksum.update(bytes);
            }
        });
        let mut ended = match read.await {
            Ok(ended) => ended,
            Err(error) => {
                taking.give_up().await?;
                return Err(error);
            }
        };
        // A connection that ends is no end of a body that is longer.
        if matches!(ended, Ended::Whole) && size.is_some_and(|size| taken < size) {
            ended = Ended::Broken;
        }
        let checked = match (&ended, checksum) {
            (Ended::Whole, Some(checksum)) => checksum.check(),
            (_, Some(_)) => told(&ended),
            (_, None) => Ok(()),
        };
        if let Err(error) = checked {
            taking.give_up().await?;
            return Err(error);
        }
        let upload = taking.end().await?;
        told(&ended)?;
        Ok(upload)
    });
    poured
        .await
        .map_err(|stopped| Error::unavailable("the upload", stopped))?
}

/// A client that did not hear the last answer asks again.
async fn nothing_more(upload: Model, mut payload: Payload) -> Result<Model> {
    let next = tokio::time::timeout(STALL, payload.next()).await;
    match next {
        Ok(Some(Ok(bytes))) if !bytes.is_empty() => Err(session::past_the_end()),
        _ => Ok(upload),
    }
}

async fn read(
    taking: &mut Taking,
    mut payload: Payload,
    taken: &mut u64,
    mut look: impl FnMut(&Bytes),
) -> Result<Ended> {
    loop {
        let next = tokio::time::timeout(STALL, payload.next());
        let piece = tokio::select! {
            piece = next => piece,
            () = taking.asked() => return Ok(Ended::Asked),
        };
        match piece {
            Ok(Some(Ok(bytes))) => {
                look(&bytes);
                *taken += bytes.len() as u64;
                taking.write(bytes).await?;
            }
            Ok(None) => return Ok(Ended::Whole),
            Ok(Some(Err(_))) | Err(_) => return Ok(Ended::Broken),
        }
    }
}

fn told(ended: &Ended) -> Result<()> {
    match ended {
        Ended::Whole => Ok(()),
        Ended::Broken => Err(Error::refused(
            Code::BadRequest,
            "The body ends before its length; HEAD says how far the upload is.",
        )),
        Ended::Asked => Err(Error::refused(
            Code::Busy,
            "The upload was let go for another request; HEAD says how far it is.",
        )),
    }
}
