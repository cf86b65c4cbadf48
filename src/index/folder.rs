//! The index's folder: opened when it can be used, emptied and made anew when not. A commit carries in its payload
//! the version of all that shapes the index, and the mark.

use std::{fs, path::Path};

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use tantivy::{
    IndexReader, IndexSettings, IndexWriter, ReloadPolicy, indexer::LogMergePolicy,
    tokenizer::TextAnalyzer,
};
use uuid::Uuid;

use super::{
    directory::Unhurried,
    schema::{Fields, READ_OFF, schema},
    terms::ReadOff,
};
use crate::{
    error::{Error, Result},
    storage,
};

/// To be raised whenever the schema, the folding, the tables of languages or the meaning of a column change: the index is
/// then made anew.
pub const FORMAT: u32 = 8;

/// Of what is kept to be shown of hits, in bytes: a block is unpacked for each of them.
const SHOWN_AT_ONCE: usize = 4096;
/// The smallest heap that tantivy writes with.
const WRITER_HEAP: usize = 15_000_000;
/// That one search may take.
const MOST_THREADS: usize = 4;
/// Segments that are larger stay as they are: several are searched side by side, and merging them moves much for little.
const LARGEST_MERGED: usize = 90_000;
/// For a whole archive: what a material of middling length takes, and the most.
const HEAP_EACH: usize = 2_000;
const LARGEST_HEAP: usize = 300_000_000;

/// How far the index has come in the log of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Numbers of one epoch say nothing about those of another (a restore begins one).
    pub epoch: Uuid,
    pub number: i64,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    version: String,
    mark: Option<Mark>,
}

/// All that shapes the index, besides the materials.
pub fn version(zone: &TimeZone, rules: &str) -> String {
    format!("{FORMAT} {} {rules}", zone.iana_name().unwrap_or("fixed"))
}

pub fn payload(version: &str, mark: Option<Mark>) -> Result<String> {
    let payload = Payload {
        version: version.to_owned(),
        mark,
    };
    serde_json::to_string(&payload)
        .map_err(|cause| Error::internal("write the index's mark", cause))
}

pub fn open_or_make(
    folder: &Path,
    version: &str,
) -> Result<(tantivy::Index, Fields, Option<Mark>)> {
    fs::create_dir_all(folder)
        .map_err(|cause| Error::internal("make the index's folder", cause))?;
    let (_, fields) = schema();
    match open(folder, version) {
        Ok(Some((index, mark))) => return Ok((side_by_side(index), fields, mark)),
        Ok(None) => {}
        Err(cause) => tracing::warn!(%cause, "the index cannot be used and is made anew"),
    }
    storage::empty(folder).map_err(|cause| Error::internal("empty the index's folder", cause))?;
    let index = make(folder).map_err(|cause| Error::internal("make the index", cause))?;
    Ok((side_by_side(index), fields, None))
}

/// Segments are searched side by side where there are processors for it.
fn side_by_side(mut index: tantivy::Index) -> tantivy::Index {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    if let Err(cause) = index.set_multithread_executor(threads.min(MOST_THREADS)) {
        tracing::warn!(%cause, "the index is searched on one thread");
    }
    index
}

/// The index that is there, if it is whole and of this version.
fn open(folder: &Path, version: &str) -> tantivy::Result<Option<(tantivy::Index, Option<Mark>)>> {
    let directory = Unhurried::open(folder)?;
    if !tantivy::Index::exists(&directory)? {
        return Ok(None);
    }
    let index = tantivy::Index::open(directory)?;
    let payload = index
        .load_metas()?
        .payload
        .map(|payload| serde_json::from_str::<Payload>(&payload))
        .transpose()?;
    let Some(payload) = payload.filter(|payload| payload.version == version) else {
        return Ok(None);
    };
    if index.schema() != schema().0 || !index.validate_checksum()?.is_empty() {
        return Ok(None);
    }
    register(&index);
    Ok(Some((index, payload.mark)))
}

fn make(folder: &Path) -> tantivy::Result<tantivy::Index> {
    let index = tantivy::Index::create(
        Unhurried::open(folder)?,
        schema().0,
        IndexSettings {
            docstore_blocksize: SHOWN_AT_ONCE,
            ..IndexSettings::default()
        },
    )?;
    register(&index);
    Ok(index)
}

fn register(index: &tantivy::Index) {
    index
        .tokenizers()
        .register(READ_OFF, TextAnalyzer::from(ReadOff));
}

/// A reader that follows the commits when it is told to.
pub fn reader(index: &tantivy::Index) -> tantivy::Result<IndexReader> {
    index
        .reader_builder()
        .reload_policy(ReloadPolicy::Manual)
        .doc_store_cache_num_blocks(4)
        .try_into()
}

/// A writer for a few changes at a time: on one thread, with few and small segments.
pub fn writer(index: &tantivy::Index) -> tantivy::Result<IndexWriter> {
    index.writer_with_num_threads(1, WRITER_HEAP).map(merging)
}

/// The same, after it took away what a process that was killed had not committed: it would be in the way of the next merge.
pub fn tidy_writer(index: &tantivy::Index) -> tantivy::Result<IndexWriter> {
    let writer = writer(index)?;
    writer.garbage_collect_files().wait()?;
    Ok(writer)
}

/// A writer for all of so many materials: the larger its heap, the less it merges.
pub fn large_writer(index: &tantivy::Index, materials: u64) -> tantivy::Result<IndexWriter> {
    let heap = usize::try_from(materials).map_or(LARGEST_HEAP, |materials| {
        materials
            .saturating_mul(HEAP_EACH)
            .clamp(WRITER_HEAP, LARGEST_HEAP)
    });
    index.writer_with_num_threads(1, heap).map(merging)
}

fn merging(writer: IndexWriter) -> IndexWriter {
    let mut merges = LogMergePolicy::default();
    merges.set_min_num_segments(4);
    merges.set_max_docs_before_merge(LARGEST_MERGED);
    writer.set_merge_policy(Box::new(merges));
    writer
}
