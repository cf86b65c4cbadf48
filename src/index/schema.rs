//! What the index keeps of a material, column by column. Words are kept for searching, codes for filtering and
//! counting, moments for sorting, and what is shown of a hit as it was written.

use tantivy::schema::{FAST, JsonObjectOptions, NumericOptions, STORED};
use tantivy::schema::{
    Field, IndexRecordOption, Schema, SchemaBuilder, TextFieldIndexing, TextOptions,
};

use super::measures::Columns;

/// The name under which the tokenizer is registered.
pub const READ_OFF: &str = "read_off";

/// Columns that are read by name.
pub mod column {
    pub const ID_HIGH: &str = "id_high";
    pub const ID_LOW: &str = "id_low";
    pub const UNIT: &str = "unit";
    pub const KIND: &str = "kind";
    pub const GENRE: &str = "genre";
    pub const LANGUAGE: &str = "language";
    pub const KEYWORD: &str = "keyword";
    pub const PERSON: &str = "person";
    pub const EVENT: &str = "event";
    pub const EVENT_AUDIENCE: &str = "event_audience";
    pub const STATUS: &str = "status";
    pub const PROCESSING: &str = "processing";
    pub const AUDIENCE: &str = "audience";
    pub const OPEN: &str = "open";
    pub const PUBLISHED: &str = "published";
    pub const TAKEN: &str = "taken";
    pub const CREATED: &str = "created";
    pub const UPDATED: &str = "updated";
    pub const YEAR: &str = "year";
    pub const TITLE: &str = "title";
    pub const LATITUDE: &str = "latitude";
    pub const LONGITUDE: &str = "longitude";
    pub const FILE_LATITUDE: &str = "file_latitude";
    pub const FILE_LONGITUDE: &str = "file_longitude";
    pub const LOOKS: &str = "looks";
}

#[derive(Debug, Clone, Copy)]
pub struct Fields {
    /// The id in 32 hexadecimal digits: one term.
    pub id: Field,
    /// The two halves of the id, for ties.
    pub id_high: Field,
    pub id_low: Field,

    pub unit: Field,
    pub kind: Field,
    pub genre: Field,
    pub language: Field,
    pub described_in: Field,
    pub keyword: Field,
    /// Keywords as they are compared: whatever the script and the letter case.
    pub keyword_name: Field,
    /// Every name of every person, to filter by, compared alike; and each person's one name, to count.
    pub person_name: Field,
    pub person: Field,
    pub event: Field,
    pub event_audience: Field,
    pub kit: Field,
    pub status: Field,
    pub processing: Field,
    pub audience: Field,
    /// For each audience its windows as `from, until, from, until …` in milliseconds.
    pub open: Field,

    pub published: Field,
    pub taken: Field,
    pub created: Field,
    pub updated: Field,
    pub year: Field,
    /// The collation key of the headline.
    pub title: Field,

    /// All words for those who see the material, in all their forms, by how much their place says.
    pub words: Field,
    /// The words in their order.
    pub headline: Field,
    pub body: Field,
    /// What not everybody may know, in all forms and in its order.
    pub event_name: Field,
    pub filename: Field,

    /// The years in which it was made and published, to be typed.
    pub years: Field,
    /// Keywords and names of persons and events, to be suggested: their numbers under each of their words, and what
    /// they are.
    pub beginnings: Field,
    pub names: Field,
    /// What nobody has said of it.
    pub missing: Field,
    pub measures: Columns,

    /// JSON of `Shown`.
    pub shown: Field,
}

pub fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let moment =
        |schema: &mut SchemaBuilder, name| schema.add_i64_field(name, NumericOptions::from(FAST));
    let fields = Fields {
        id: schema.add_text_field("id", code()),
        id_high: schema.add_u64_field(column::ID_HIGH, FAST),
        id_low: schema.add_u64_field(column::ID_LOW, FAST),
        unit: schema.add_text_field(column::UNIT, counted()),
        kind: schema.add_text_field(column::KIND, counted()),
        genre: schema.add_text_field(column::GENRE, counted()),
        language: schema.add_text_field(column::LANGUAGE, counted()),
        described_in: schema.add_text_field("described_in", code()),
        keyword: schema.add_text_field(column::KEYWORD, counted()),
        keyword_name: schema.add_text_field("keyword_name", code()),
        person_name: schema.add_text_field("person_name", code()),
        person: schema.add_text_field(column::PERSON, TextOptions::default().set_fast("raw")),
        event: schema.add_text_field(column::EVENT, counted()),
        event_audience: schema.add_text_field(column::EVENT_AUDIENCE, counted()),
        kit: schema.add_text_field("kit", code()),
        status: schema.add_text_field(column::STATUS, counted()),
        processing: schema.add_text_field(column::PROCESSING, counted()),
        audience: schema.add_text_field(column::AUDIENCE, counted()),
        open: schema.add_json_field(column::OPEN, JsonObjectOptions::default().set_fast("raw")),
        published: moment(&mut schema, column::PUBLISHED),
        taken: moment(&mut schema, column::TAKEN),
        created: moment(&mut schema, column::CREATED),
        updated: moment(&mut schema, column::UPDATED),
        year: moment(&mut schema, column::YEAR),
        title: schema.add_bytes_field(column::TITLE, FAST),
        words: schema.add_text_field("words", words(IndexRecordOption::WithFreqs)),
        headline: schema.add_text_field("headline", in_order()),
        body: schema.add_text_field("body", in_order()),
        event_name: schema.add_text_field("event_name", in_order()),
        filename: schema.add_text_field("filename", in_order()),
        years: schema.add_text_field("years", code()),
        beginnings: schema.add_text_field("beginnings", code()),
        names: schema.add_text_field("names", code()),
        missing: schema.add_text_field("missing", code()),
        measures: Columns::of(&mut schema),
        shown: schema.add_bytes_field("shown", STORED),
    };
    (schema.build(), fields)
}

/// A code: looked up as it stands.
pub fn code() -> TextOptions {
    let whole = TextFieldIndexing::default()
        .set_tokenizer("raw")
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::Basic);
    TextOptions::default().set_indexing_options(whole)
}

/// A code that is counted as well.
fn counted() -> TextOptions {
    code().set_fast("raw")
}

/// Words with their places, for phrases.
fn in_order() -> TextOptions {
    words(IndexRecordOption::WithFreqsAndPositions)
}

/// No norms: a score depends on which words stand where, and on nothing else.
fn words(kept: IndexRecordOption) -> TextOptions {
    let read_off = TextFieldIndexing::default()
        .set_tokenizer(READ_OFF)
        .set_fieldnorms(false)
        .set_index_option(kept);
    TextOptions::default().set_indexing_options(read_off)
}
