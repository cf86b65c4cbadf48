//! The archive of a kit: a plain GET of known length, whose download goes on at any byte, and the list of what is in it.

use std::{fmt::Write, ops::Range, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Json, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    access::Caller,
    api::{
        auth::Anyone,
        bytes::Bytes,
        client, limits,
        materials::bytes::Download,
        page::{Listing, Page, PageParams},
        problem::Problem,
        query::Params,
        under_way::watched,
    },
    app::App,
    bundle::{self, Asked, Files, Kept, Laid, Source, zip::Placed},
    error::{Code, Error, Result},
    storage,
    terms::{KitId, MaterialId},
};

/// Which archive of a kit is asked for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct ArchiveQuery {
    /// Which files it holds; `press` where nothing is said.
    #[param(inline)]
    files: Option<Files>,
    /// `ascii`: names in Latin letters, for systems that know no others.
    #[param(inline)]
    names: Option<Names>,
    /// A part of the kit: these of its materials alone.
    #[param(value_type = Vec<Uuid>)]
    materials: Vec<MaterialId>,
    /// The layout that is meant, as the kit's `archives` name it: another one is 410, with the new URL.
    version: Option<String>,
    /// An archive is kept, not shown, whatever is said here.
    #[param(inline)]
    download: Option<Download>,
}

/// How files are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Names {
    Ascii,
}

/// A file in the archive.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryView {
    /// Within the archive.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// In hexadecimal; null where it is not known yet.
    #[schema(required = true)]
    pub sha256: Option<String>,
    /// Where its first byte stands in the archive.
    pub offset: u64,
    /// The material that it belongs to; null for what is generated.
    #[schema(value_type = Option<Uuid>, required = true)]
    pub material: Option<MaterialId>,
}

/// The archive of a kit
///
/// A ZIP of stored files, streamed, its length known beforehand. On a pinned URL (`version`) any range is served at any
/// time; else a range only under a matching `If-Range` or `If-Match`.
#[utoipa::path(
    tag = "kits",
    operation_id = "get_kit_archive",
    params(
        ("id" = Uuid, Path, description = "The kit"),
        ArchiveQuery,
        ("Range" = Option<String>, Header, description = "Which bytes, such as `bytes=1000-`"),
        ("If-Range" = Option<String>, Header, description = "The entity tag of what the client has a part of"),
    ),
    responses(
        (status = 200, description = "The archive", content_type = "application/zip", body = [u8]),
        (status = 206, description = "A part of it", content_type = "application/zip", body = [u8]),
        (status = 304, description = "It is as `If-None-Match` says"),
        (status = 410, description = "The kit was withdrawn, or the pinned layout is not the caller's any more: `url` names the new one", body = Problem, content_type = "application/problem+json"),
        (status = 416, description = "There are no such bytes", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/kits/{id}/archive")]
pub async fn download(
    app: Data<App>,
    kept: Data<Kept>,
    Anyone(caller): Anyone,
    id: Path<KitId>,
    Params(query): Params<ArchiveQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    sent(&app, &kept, &caller, *id, &path(*id), &query, &request).await
}

/// The answer with the archive's bytes, for as long as all of them are the caller's to have; `path` is where it was asked for.
pub async fn sent(
    app: &App,
    kept: &Kept,
    caller: &Caller,
    id: KitId,
    path: &str,
    query: &ArchiveQuery,
    request: &HttpRequest,
) -> Result<HttpResponse> {
    let is_part = client::goes_on(request);
    let laid = query.laid(app, kept, caller, id, (path, is_part)).await?;
    let archive = &laid.archive;
    limits::check_bytes(app, request)?;
    let handover = bundle::handover(caller, archive);
    let handover = Some(handover).filter(|_| !client::is_headless(request));
    let bytes = Bytes {
        size: archive.layout.size(),
        etag: archive.layout.etag().to_owned(),
        sha256: None,
        media_type: "application/zip".to_owned(),
        filename: archive.filename.clone(),
        attachment: true,
        public: caller.account.is_none() && caller.pass.is_none(),
        ranges: query.version.is_some(),
    };
    let (ledger, counter) = (app.ledger.clone(), limits::Counter::of(app, request));
    let (app, caller, layout) = (app.clone(), caller.clone(), archive.layout.clone());
    let read = move |range: Range<u64>| {
        let (app, caller, laid) = (app.clone(), caller.clone(), Arc::clone(&laid));
        let begins = range.start == 0;
        let bytes = storage::stream(app.storage.clone(), layout.pieces(range));
        let bytes = watched(counter.counted(bytes), move || {
            let (app, caller, laid) = (app.clone(), caller.clone(), Arc::clone(&laid));
            async move { laid.still(&app, &caller).await }
        });
        ledger.hand_over(handover.clone(), begins, bytes)
    };
    bytes.answer(request, read).await
}

/// What is in the archive of a kit
///
/// In the order of the archive, with the place of each file's first byte.
#[utoipa::path(
    tag = "kits",
    operation_id = "list_kit_archive_entries",
    params(("id" = Uuid, Path, description = "The kit"), ArchiveQuery, PageParams),
    responses(
        (status = 200, description = "A page of entries", body = Page<EntryView>),
        (status = 410, description = "As for the archive itself", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/kits/{id}/archive/entries")]
pub async fn entries(
    app: Data<App>,
    kept: Data<Kept>,
    Anyone(caller): Anyone,
    id: Path<KitId>,
    listing: Listing<ArchiveQuery>,
) -> Result<Json<Page<EntryView>>> {
    let (query, after) = (&listing.filter, listing.after()?);
    let place = path(*id);
    let laid = query
        .laid(&app, &kept, &caller, *id, (&place, false))
        .await?;
    let archive = &laid.archive;
    let rows = usize::try_from(listing.rows()).unwrap_or(usize::MAX);
    let entries = archive
        .layout
        .entries()
        .iter()
        .zip(archive.sources())
        .map(EntryView::from);
    let left = (1..)
        .zip(entries)
        .skip(after.unwrap_or(0))
        .take(rows)
        .collect();
    Ok(Json(listing.page(
        left,
        |(place, _): &(usize, EntryView)| *place,
        |(_, entry)| entry,
    )?))
}

/// Where the archives of a kit are.
pub fn path(kit: KitId) -> String {
    format!("/v1/kits/{kit}/archive")
}

impl ArchiveQuery {
    /// What may be asked, by name.
    pub const NAMES: [&str; 5] = ["files", "names", "materials", "version", "download"];

    pub fn of(files: Files) -> Self {
        Self {
            files: Some(files),
            ..Self::default()
        }
    }

    fn files(&self) -> Files {
        self.files.unwrap_or(Files::Press)
    }

    fn asked(&self) -> Asked {
        Asked {
            files: self.files(),
            in_ascii: self.names == Some(Names::Ascii),
            materials: self.materials.clone(),
            told_at: None,
        }
    }

    /// The path of this archive, pinned to a version of its layout; `path` is that of the kit's archives.
    pub fn pinned(&self, path: &str, version: &str) -> String {
        let mut path = format!("{path}?files={}", self.files().as_str());
        if self.names == Some(Names::Ascii) {
            path.push_str("&names=ascii");
        }
        for material in &self.materials {
            write!(path, "&materials={material}").expect("a String takes every write");
        }
        path + "&version=" + version
    }

    /// The path of what is there now of what is asked for, pinned to its layout; `path` is that of the kit's archives.
    pub async fn now(
        &self,
        app: &App,
        kept: &Kept,
        caller: &Caller,
        id: KitId,
        path: &str,
    ) -> Result<String> {
        let laid = kept.archive(app, caller, id, &self.asked()).await?;
        Ok(self.pinned(path, laid.archive.version()))
    }

    /// The archive that is meant. Of one that was begun before an embargo ended, a part goes on as it was.
    ///
    /// # Errors
    /// Gone, with the URL of what is there now, where another layout is meant.
    async fn laid(
        &self,
        app: &App,
        kept: &Kept,
        caller: &Caller,
        id: KitId,
        (path, is_part): (&str, bool),
    ) -> Result<Arc<Laid>> {
        let asked = self.asked();
        let laid = kept.archive(app, caller, id, &asked).await?;
        let now = laid.archive.version();
        let Some(version) = self.version.as_deref().filter(|version| *version != now) else {
            return Ok(laid);
        };
        if is_part && let Some(former) = kept.former(app, caller, id, &asked, version).await? {
            return Ok(former);
        }
        let words = "The archive has changed since this URL was given: begin anew with `url`.";
        let url = app.config.url(&self.pinned(path, now));
        Err(Error::refused(Code::ArchiveChanged, words).with("url", url))
    }
}

impl From<(&Placed, &Source)> for EntryView {
    fn from((placed, source): (&Placed, &Source)) -> Self {
        Self {
            path: placed.entry.path.clone(),
            size: placed.size,
            sha256: source.sha256.clone(),
            offset: placed.data,
            material: source.material,
        }
    }
}
