//! The one door to tantivy: materials come in as `Document`s, questions as `Search`es, and out go ids in order,
//! totals, counts and highlights, always of what the `Viewer` may see. The index is a cache of the database: it says
//! how far it has come in the log of changes (`mark`), and is empty again whenever its folder is gone, broken, or of
//! another version.

mod alike;
mod answers;
mod at_least;
mod beginnings;
mod classes;
mod collect;
mod directory;
mod docs;
mod document;
mod facets;
mod flat;
mod folder;
mod forgiven;
mod forms;
mod highlight;
mod lexer;
mod looks;
mod meant;
mod measures;
mod missing;
mod neighbours;
mod places;
mod query;
mod schema;
mod sight;
mod suggest;
mod telling;
mod terms;
#[cfg(test)]
mod tests;
mod union;
mod walk;
mod words;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use jiff::tz::TimeZone;
use tantivy::{
    DocAddress, IndexReader, IndexWriter, Searcher, TantivyDocument, Term, schema::Value,
};
use uuid::Uuid;

pub use alike::{Alike, By, Nearness};
pub use collect::Position;
pub use document::{Document, Window};
pub use facets::FacetCount;
pub use folder::Mark;
pub use measures::{Measures, Near, Orientation, Point};
pub use missing::Missing;
pub use query::{DateField, Facet, Search, Sort};
pub use sight::{Units, Viewer};
pub use suggest::{Suggestion, SuggestionKind};

use crate::error::{Code, Error, Result};
use answers::Answers;
use document::{Shown, uuid_term};
use flat::Flats;
use lexer::Asked;
use neighbours::Neighbours;
use schema::Fields;
use sight::Known;

/// What of tantivy is worth a line in the log. It warns where a segment that it meant to merge was emptied by the next
/// commit meanwhile: it leaves that merge out, and nothing is lost.
pub const LOG: &str = "tantivy=warn,tantivy::indexer::segment_manager=error";

/// Hits that are marked on one thread: it knows again the words that it met before.
const MARKED_AT_ONCE: usize = 10;

/// What one page of a search gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Hits {
    pub items: Vec<Hit>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<Position>,
    /// All that was found, on this page and the others.
    pub total: u64,
    pub facets: BTreeMap<Facet, Vec<FacetCount>>,
    /// Where not all of the question was found: others that find something.
    pub meant: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub id: Uuid,
    /// `headline`, `caption`, `text`: fragments in HTML.
    pub highlights: BTreeMap<String, String>,
}

/// An open index. Cloning gives another handle to the same one.
#[derive(Clone)]
pub struct Index(Arc<Opened>);

/// Documents in the index's own form, to be added.
pub struct Prepared(Vec<TantivyDocument>);

struct Opened {
    index: tantivy::Index,
    fields: Fields,
    zone: TimeZone,
    version: String,
    reader: IndexReader,
    known: Known,
    flats: Flats,
    answers: Answers,
    mark: RwLock<Option<Mark>>,
    /// Made at the first change: readers alone need none.
    writer: Mutex<Option<IndexWriter>>,
}

impl Index {
    /// Opens the index in `folder`, which is nobody else's; years are counted in `zone`, and what is taken in obeys those
    /// `rules`. What cannot be used, or was made by others, is thrown away, and the index begins anew without a mark.
    pub fn open(folder: &Path, zone: TimeZone, rules: &str) -> Result<Self> {
        let version = folder::version(&zone, rules);
        let (index, fields, mark) = folder::open_or_make(folder, &version)?;
        let reader = folder::reader(&index).map_err(failed("open the index"))?;
        let (mark, writer) = (RwLock::new(mark), Mutex::new(None));
        Ok(Self(Arc::new(Opened {
            index,
            fields,
            zone,
            version,
            reader,
            known: Known::default(),
            flats: Flats::default(),
            answers: Answers::new(),
            mark,
            writer,
        })))
    }

    /// How far the index has followed the log of changes; `None` when it has to begin.
    pub fn mark(&self) -> Option<Mark> {
        *self.0.mark.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes changes in, all or none; when it returns, searches see them, and the mark stands at `mark`.
    pub async fn apply(
        &self,
        upserts: Vec<Document>,
        deletes: Vec<Uuid>,
        mark: Mark,
    ) -> Result<()> {
        self.on_a_thread(move |opened| opened.apply(&upserts, &deletes, mark))
            .await
    }

    /// Forgets everything. Searches see it as it was until `apply` commits what takes its place.
    ///
    /// About so many `materials` will be taken in: the more, the larger the heap of the writer, until `rest`.
    pub async fn begin_anew(&self, materials: u64) -> Result<()> {
        self.rest().await?;
        self.on_a_thread(move |opened| {
            let mut slot = opened.writer.lock().unwrap_or_else(PoisonError::into_inner);
            let writer = folder::large_writer(&opened.index, materials)
                .map_err(failed("open the index for writing"))?;
            writer
                .delete_all_documents()
                .map_err(failed("empty the index"))?;
            *slot = Some(writer);
            Ok(())
        })
        .await
    }

    /// Takes texts apart, which is most of the work, before anybody waits for it.
    pub fn prepare(
        &self,
        documents: Vec<Document>,
    ) -> impl Future<Output = Result<Prepared>> + use<> {
        self.on_a_thread(move |opened| {
            let columns = |document: &Document| document.columns(&opened.fields, &opened.zone);
            let rows = documents
                .iter()
                .map(columns)
                .collect::<tantivy::Result<_>>();
            rows.map(Prepared).map_err(failed("read a material"))
        })
    }

    /// Takes in what was not there before, to be committed by `apply`. Where this fails, all that was not committed is
    /// lost.
    pub async fn add(&self, prepared: Prepared) -> Result<()> {
        self.on_a_thread(move |opened| {
            opened.write(|writer| {
                for row in prepared.0 {
                    writer.add_document(row)?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Commits what was added so far, and no mark: there is more to come.
    pub async fn show(&self) -> Result<()> {
        self.on_a_thread(|opened| opened.change(None, |_| Ok(())))
            .await
    }

    /// Gives up the writer and its memory, until the next change.
    pub async fn rest(&self) -> Result<()> {
        self.on_a_thread(|opened| {
            let mut slot = opened.writer.lock().unwrap_or_else(PoisonError::into_inner);
            match slot.take() {
                Some(writer) => writer
                    .wait_merging_threads()
                    .map_err(failed("end writing to the index")),
                None => Ok(()),
            }
        })
        .await
    }

    /// One page of what the viewer may see.
    ///
    /// # Errors
    /// Refused (`InvalidCursor`) when `after` comes from a search in another order.
    pub async fn search(&self, search: Search, viewer: &Viewer) -> Result<Hits> {
        let viewer = self.looking(viewer);
        self.on_a_thread(move |opened| opened.search(&search, &viewer))
            .await
    }

    /// What a question that is being typed may become.
    pub async fn suggest(&self, q: &str, viewer: &Viewer, limit: usize) -> Result<Vec<Suggestion>> {
        let (q, viewer) = (q.to_owned(), self.looking(viewer));
        self.on_a_thread(move |opened| {
            let suggested = suggest::suggest(
                &opened.reader.searcher(),
                &opened.fields,
                &q,
                &viewer,
                limit,
            );
            suggested.map_err(failed("suggest from the index"))
        })
        .await
    }

    /// At most `limit` materials that are like the document, after those that came before; the most alike first.
    pub async fn alike(
        &self,
        document: Document,
        by: By,
        viewer: &Viewer,
        limit: usize,
        after: Option<Nearness>,
    ) -> Result<Vec<Alike>> {
        let viewer = self.looking(viewer);
        self.on_a_thread(move |opened| {
            let searcher = opened.reader.searcher();
            let page = (limit, after);
            alike::alike(&searcher, &opened.fields, &document, by, &viewer, page)
                .map_err(failed("look for what is alike"))
        })
        .await
    }

    /// The viewer with what the index knows already.
    fn looking(&self, viewer: &Viewer) -> Arc<Viewer> {
        Arc::new(Viewer {
            known: self.0.known.clone(),
            flats: self.0.flats.clone(),
            ..viewer.clone()
        })
    }

    /// Begins at once, whether somebody waits for it or not.
    fn on_a_thread<T: Send + 'static, W>(
        &self,
        work: W,
    ) -> impl Future<Output = Result<T>> + use<T, W>
    where
        W: FnOnce(&Opened) -> Result<T> + Send + 'static,
    {
        let opened = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(&opened));
        async {
            done.await
                .map_err(|cause| Error::internal("the index's thread ended", cause))?
        }
    }
}

impl Opened {
    fn apply(&self, upserts: &[Document], deletes: &[Uuid], mark: Mark) -> Result<()> {
        self.change(Some(mark), |writer| {
            for id in upserts
                .iter()
                .map(|document| document.id)
                .chain(deletes.iter().copied())
            {
                writer.delete_term(Term::from_field_text(self.fields.id, &uuid_term(id)));
            }
            for document in upserts {
                writer.add_document(document.columns(&self.fields, &self.zone)?)?;
            }
            Ok(())
        })
    }

    /// One commit, with the mark in it.
    fn change(
        &self,
        mark: Option<Mark>,
        work: impl FnOnce(&IndexWriter) -> tantivy::Result<()>,
    ) -> Result<()> {
        let payload = folder::payload(&self.version, mark)?;
        self.write(|writer| {
            work(writer)?;
            let mut prepared = writer.prepare_commit()?;
            prepared.set_payload(&payload);
            prepared.commit()?;
            self.reader.reload()?;
            self.flats.keep_only(&self.reader.searcher());
            Ok(())
        })?;
        *self.mark.write().unwrap_or_else(PoisonError::into_inner) = mark;
        Ok(())
    }

    /// A writer that failed is dropped with all that it had not committed.
    fn write(&self, work: impl FnOnce(&mut IndexWriter) -> tantivy::Result<()>) -> Result<()> {
        let mut slot = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut writer = match slot.take() {
            Some(writer) => writer,
            None => {
                folder::tidy_writer(&self.index).map_err(failed("open the index for writing"))?
            }
        };
        work(&mut writer).map_err(failed("write to the index"))?;
        *slot = Some(writer);
        Ok(())
    }

    fn search(&self, search: &Search, viewer: &Arc<Viewer>) -> Result<Hits> {
        if search
            .after
            .as_ref()
            .is_some_and(|after| !after.fits(search))
        {
            return Err(Error::refused(
                Code::InvalidCursor,
                "The cursor belongs to another search.",
            ));
        }
        let searcher = self.reader.searcher();
        if let Some(hits) = self.answers.get(search, viewer, &searcher) {
            return Ok(hits);
        }
        let hits = self.look(search, viewer, &searcher)?;
        self.answers
            .keep(search, viewer, &searcher, &hits)
            .map_err(failed("keep an answer"))?;
        Ok(hits)
    }

    fn look(&self, search: &Search, viewer: &Arc<Viewer>, searcher: &Searcher) -> Result<Hits> {
        let after = search.after.as_ref();
        let words = words::Words::new(&self.fields, viewer);
        let (asked, forgiven, is_retyped) =
            forgiven::read(search, &words, searcher).map_err(failed("search the index"))?;
        let wanted = after.map_or_else(|| least(asked.wanted.len(), search.sort), Position::least);
        let mut least = wanted;
        let neighbours = Neighbours::of(words.neighbours(&asked.wanted), searcher)
            .map_err(failed("search the index"))?;
        let page = collect::Page::of(search, viewer, neighbours);
        let collected = loop {
            let how = (least, forgiven);
            let query = query::query(search, &asked, how, &self.fields, viewer);
            let collected = searcher
                .search(&*query, &page)
                .map_err(failed("search the index"))?;
            if collected.total > 0 || least <= 1 || search.after.is_some() {
                break collected;
            }
            least /= 2;
        };
        let meant = if is_retyped {
            vec![meant::written(&asked)]
        } else if after.is_none() && (collected.total == 0 || least < wanted) {
            self.meant(searcher, search, &asked, viewer)
                .map_err(failed("look for what was meant"))?
        } else {
            Vec::new()
        };
        let end = search
            .limit
            .checked_sub(1)
            .and_then(|at| collected.found.get(at));
        let next = end
            .filter(|_| collected.found.len() > search.limit)
            .map(|end| end.position(search, least, forgiven));
        let marked = |found: &[collect::Found]| -> tantivy::Result<Vec<Hit>> {
            let marker = search
                .highlight
                .then(|| highlight::Marker::of(&asked, forgiven));
            let hit = |found| self.hit(searcher, found, marker.as_ref());
            found.iter().map(hit).collect()
        };
        let page = &collected.found[..collected.found.len().min(search.limit)];
        let threads = searcher.index().search_executor();
        let at_once = if search.highlight {
            MARKED_AT_ONCE
        } else {
            page.len().max(1)
        };
        let items = threads.map(marked, page.chunks(at_once));
        let items = items.map_err(failed("read the index"))?;
        Ok(Hits {
            items: items.into_iter().flatten().collect(),
            next,
            total: collected.total,
            facets: collected.counts.shown(),
            meant,
        })
    }

    fn hit(
        &self,
        searcher: &Searcher,
        found: &collect::Found,
        marker: Option<&highlight::Marker>,
    ) -> tantivy::Result<Hit> {
        let highlights = match marker {
            Some(marker) => marker.highlights(&shown(searcher, &self.fields, found.address)?),
            None => BTreeMap::new(),
        };
        Ok(Hit {
            id: found.id(),
            highlights,
        })
    }

    fn meant(
        &self,
        searcher: &Searcher,
        search: &Search,
        asked: &Asked,
        viewer: &Arc<Viewer>,
    ) -> tantivy::Result<Vec<String>> {
        let meant = meant::Meant {
            searcher,
            fields: &self.fields,
            search,
            viewer,
        };
        meant.questions(asked, |pieces| least(pieces, search.sort))
    }
}

/// How many of so many pieces must be there: all, or of three and more all but one, when what lacks one can be put
/// behind the rest. Where nothing has that many, fewer do.
fn least(pieces: usize, sort: Sort) -> usize {
    if pieces > 2 && sort == Sort::Relevance {
        pieces - 1
    } else {
        pieces
    }
}

/// What is kept to show of a hit.
fn shown(
    searcher: &Searcher,
    fields: &Fields,
    address: DocAddress,
) -> tantivy::Result<Shown<'static>> {
    let row: TantivyDocument = searcher.doc(address)?;
    let json = row
        .get_first(fields.shown)
        .and_then(|value| value.as_bytes())
        .unwrap_or_default();
    Ok(serde_json::from_slice(json)?)
}

fn failed(what: &'static str) -> impl Fn(tantivy::TantivyError) -> Error {
    move |cause| Error::internal(what, cause)
}
