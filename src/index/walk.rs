//! The lists of some words in a segment, poured one after the other into a window that moves over its materials: of common
//! words, that takes a third of the time of walking them side by side.

use std::sync::Arc;

use tantivy::{DocId, DocSet, Score, TERMINATED, postings::BlockSegmentPostings, query::Scorer};

use super::sight::{Knowledge, Sight};

/// Where a term stands, a block at a time.
pub struct List {
    /// Where it stands next: kept here, so that it is compared without a look into the block.
    doc: DocId,
    at: usize,
    block: BlockSegmentPostings,
    score: Score,
    each: Score,
    known: Knowledge,
}

impl List {
    /// What it says that the term stands in a material: a score, and what is added for each time.
    pub fn of(
        block: BlockSegmentPostings,
        (score, each): (Score, Score),
        known: Knowledge,
    ) -> Self {
        let mut list = Self {
            doc: TERMINATED,
            at: 0,
            block,
            score,
            each,
            known,
        };
        list.go_to(0);
        list
    }

    /// In how many materials it stands.
    fn length(&self) -> u32 {
        self.block.doc_freq()
    }

    fn go_to(&mut self, at: usize) {
        self.at = at;
        self.doc = self.block.docs().get(at).copied().unwrap_or(TERMINATED);
    }

    fn seek(&mut self, target: DocId) {
        if self.doc >= target {
            return;
        }
        let docs = self.block.docs();
        let is_here = docs.last().is_some_and(|last| *last >= target);
        let at = if is_here {
            self.at + docs[self.at..].partition_point(|doc| *doc < target)
        } else {
            self.block.seek(target)
        };
        self.go_to(at);
    }

    /// All of it that lies within the window and may be known.
    fn pour(&mut self, window: &mut Window, sight: &Sight) {
        self.seek(window.start);
        while self.doc < window.end {
            let docs = &self.block.docs()[self.at..];
            let docs = &docs[..docs.partition_point(|doc| *doc < window.end)];
            let knows =
                |doc: DocId| self.known == Knowledge::Material || sight.knows(self.known, doc);
            if self.each > 0.0 {
                let times = &self.block.freqs()[self.at..];
                for (doc, times) in docs.iter().zip(times).filter(|(doc, _)| knows(**doc)) {
                    window.put(*doc, self.score + self.each * whole(*times));
                }
            } else {
                for doc in docs.iter().filter(|doc| knows(**doc)) {
                    window.put(*doc, self.score);
                }
            }
            let at = self.at + docs.len();
            if at < self.block.docs().len() {
                self.go_to(at);
            } else {
                self.block.advance();
                self.go_to(0);
            }
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a term stands a few times in a material"
)]
fn whole(times: u32) -> Score {
    times as Score
}

/// The lists of a word, and where it stands next.
struct Word {
    lists: Vec<List>,
    doc: DocId,
}

impl Word {
    fn seek(&mut self, target: DocId) {
        for list in &mut self.lists {
            list.seek(target);
        }
        self.lists.retain(|list| list.doc != TERMINATED);
        let first = self.lists.iter().map(|list| list.doc).min();
        self.doc = first.unwrap_or(TERMINATED);
    }
}

/// Materials that are looked at together: so many after a leap, twice as many each time that the walk goes on without one.
const SHORTEST: DocId = 64;
const LONGEST: DocId = 4096;

pub struct Walk {
    words: Vec<Word>,
    least: usize,
    doc: DocId,
    sight: Arc<Sight>,
    /// Whether it passes over what is not seen.
    of_seen: bool,
    window: Window,
}

impl Walk {
    /// Over the materials in which at least so many of the words stand, or over those of them alone that are seen.
    pub fn begin(words: Vec<Vec<List>>, least: usize, sight: Arc<Sight>, of_seen: bool) -> Self {
        let words = words.into_iter();
        let mut begun = Self {
            words: words.map(|lists| Word { lists, doc: 0 }).collect(),
            least,
            doc: 0,
            of_seen: of_seen && !sight.sees_all(),
            sight,
            window: Window::default(),
        };
        begun.seek(0);
        begun
    }

    /// The first material from `target` on, which is behind the window, in the first window from there on that holds one.
    fn fill(&mut self, mut target: DocId, mut length: DocId) -> DocId {
        loop {
            for word in &mut self.words {
                word.seek(target);
            }
            let start = self.earliest();
            if start == TERMINATED {
                return TERMINATED;
            }
            self.window.open(start, length, self.least);
            for word in &mut self.words {
                if word.doc < self.window.end {
                    for list in &mut word.lists {
                        list.pour(&mut self.window, &self.sight);
                    }
                    self.window.add_word();
                }
            }
            if self.of_seen {
                self.window.keep(&self.sight);
            }
            if let Some(doc) = self.window.next(start) {
                return doc;
            }
            target = self.window.end;
            length = (2 * length).min(LONGEST);
        }
    }

    /// Before it stand too few: where the word is that is the `least`th.
    fn earliest(&self) -> DocId {
        let docs = self.words.iter().map(|word| word.doc);
        if self.least == self.words.len() {
            return docs.max().unwrap_or(TERMINATED);
        }
        let mut docs: Vec<DocId> = docs.collect();
        docs.sort_unstable();
        let first = self.least.checked_sub(1).and_then(|at| docs.get(at));
        first.copied().unwrap_or(TERMINATED)
    }

    /// All that is left of it.
    pub fn each(mut self, callback: &mut dyn FnMut(DocId, Score)) {
        while self.doc != TERMINATED {
            let mut next = Some(self.doc);
            while let Some(doc) = next {
                callback(doc, self.window.score(doc));
                next = self.window.next(doc + 1);
            }
            self.seek(self.window.end);
        }
    }
}

/// The materials `start..end`: in which enough of the words stand, and their scores.
#[derive(Default)]
struct Window {
    start: DocId,
    end: DocId,
    /// In which at least so many words stand, from none on, 64 materials after the other.
    at_least: Vec<Vec<u64>>,
    scores: Vec<Score>,
    /// The word that is being poured.
    word: Vec<u64>,
    word_scores: Vec<Score>,
}

impl Window {
    /// Nothing there yet.
    fn open(&mut self, start: DocId, length: DocId, least: usize) {
        self.start = start;
        self.end = start.saturating_add(length).min(TERMINATED);
        let (lanes, length) = (length.div_ceil(64) as usize, length as usize);
        self.at_least.resize_with(least + 1, Vec::new);
        for (words, bits) in self.at_least.iter_mut().enumerate() {
            bits.clear();
            bits.resize(lanes, if words == 0 { u64::MAX } else { 0 });
        }
        self.word.clear();
        self.word.resize(lanes, 0);
        for scores in [&mut self.scores, &mut self.word_scores] {
            scores.clear();
            scores.resize(length, 0.0);
        }
    }

    /// A term of the word that is being poured stands there.
    fn put(&mut self, doc: DocId, score: Score) {
        let at = (doc - self.start) as usize;
        self.word[at / 64] |= 1 << (at % 64);
        self.word_scores[at] = self.word_scores[at].max(score);
    }

    /// The word was poured: it is one more of those that stand there.
    fn add_word(&mut self) {
        for words in (1..self.at_least.len()).rev() {
            let [fewer, more] = &mut self.at_least[words - 1..=words] else {
                continue;
            };
            for ((more, fewer), word) in more.iter_mut().zip(fewer).zip(&self.word) {
                *more |= *fewer & word;
            }
        }
        for (score, of_word) in self.scores.iter_mut().zip(&self.word_scores) {
            *score += of_word;
        }
        self.word.fill(0);
        self.word_scores.fill(0.0);
    }

    fn enough(&self) -> &[u64] {
        self.at_least.last().map_or(&[], Vec::as_slice)
    }

    /// Only what is seen of what is there.
    fn keep(&mut self, sight: &Sight) {
        let lanes = (self.start..).step_by(64);
        let enough = self.at_least.last_mut().into_iter().flatten();
        for (bits, doc) in enough.zip(lanes) {
            *bits &= sight.sees_from(doc);
        }
    }

    /// The first that is there, `doc` or after it.
    fn next(&self, doc: DocId) -> Option<DocId> {
        let enough = self.enough();
        let at = (doc - self.start) as usize;
        let mut lane = at / 64;
        let mut bits = enough.get(lane)? & (u64::MAX << (at % 64));
        while bits == 0 {
            lane += 1;
            bits = *enough.get(lane)?;
        }
        let within = 64 * u32::try_from(lane).ok()? + bits.trailing_zeros();
        Some(self.start + within)
    }

    fn score(&self, doc: DocId) -> Score {
        self.scores[(doc - self.start) as usize]
    }
}

impl DocSet for Walk {
    fn advance(&mut self) -> DocId {
        self.seek(self.doc + 1)
    }

    fn seek(&mut self, target: DocId) -> DocId {
        let Window { start, end, .. } = self.window;
        let within = target < end;
        if let Some(doc) = self.window.next(target.max(start)).filter(|_| within) {
            self.doc = doc;
            return doc;
        }
        let (target, length) = if target <= end {
            (end, (2 * (end - start)).clamp(SHORTEST, LONGEST))
        } else {
            (target, SHORTEST)
        };
        self.doc = self.fill(target, length);
        self.doc
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        let word = |word: &Word| word.lists.iter().map(List::length).max().unwrap_or(0);
        let mut words: Vec<u32> = self.words.iter().map(word).collect();
        words.sort_unstable_by(|a, b| b.cmp(a));
        let least = self.least.checked_sub(1).and_then(|at| words.get(at));
        least.copied().unwrap_or(0)
    }

    fn cost(&self) -> u64 {
        let lists = self.words.iter().flat_map(|word| &word.lists);
        lists.map(|list| u64::from(list.length())).sum()
    }
}

impl Scorer for Walk {
    fn score(&mut self) -> Score {
        self.window.score(self.doc)
    }
}
