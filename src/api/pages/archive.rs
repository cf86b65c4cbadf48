//! The archive as pages offer it, pinned to its layout, so that a download that broke off goes on in any program. Who
//! comes for the whole of one that has changed since the page was made is sent to what is there now; who comes for a part
//! of it is told, so that no two archives are mixed.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path},
};

use super::answer::{Keeping, failed, reader, reads_pages};
use crate::{
    access::Caller,
    api::{
        client,
        kits::archive::{ArchiveQuery, sent},
        query,
    },
    app::App,
    bundle::Kept,
    error::{Code, Error, Result},
    terms::KitId,
};

/// Of a kit that is open to everybody.
pub async fn open(
    app: Data<App>,
    kept: Data<Kept>,
    id: Path<String>,
    request: HttpRequest,
) -> HttpResponse {
    let answer = match id.parse() {
        Ok(id) => given(&app, &kept, &Caller::public(), KitId(id), &request).await,
        Err(_) => Err(Error::not_found()),
    };
    match answer {
        Ok(answer) => answer,
        Err(error) if reads_pages(&request) => {
            let reader = reader(&request, None);
            failed(&app, &request, &reader, error, Keeping::Open)
        }
        Err(error) => HttpResponse::from_error(error),
    }
}

/// The archive that the request asks for, or where it is now.
pub async fn given(
    app: &App,
    kept: &Kept,
    caller: &Caller,
    kit: KitId,
    request: &HttpRequest,
) -> Result<HttpResponse> {
    let mut asked = query::pairs(request.query_string())?;
    asked.retain(|(name, _)| ArchiveQuery::NAMES.contains(&name.as_str()));
    let wanted: ArchiveQuery = query::read(&asked)?;
    let path = request.path();
    let answer = sent(app, kept, caller, kit, path, &wanted, request).await;
    let is_part = client::goes_on(request);
    match answer {
        Err(error) if error.code() == Some(Code::ArchiveChanged) && !is_part => {
            let now = wanted.now(app, kept, caller, kit, path).await?;
            let answer = HttpResponse::SeeOther()
                .insert_header((header::LOCATION, now))
                .insert_header((header::CACHE_CONTROL, "private, no-store"))
                .finish();
            Ok(answer)
        }
        answer => answer,
    }
}
