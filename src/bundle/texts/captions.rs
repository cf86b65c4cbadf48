//! `captions.csv` (RFC 4180) and `captions.json`: what is said about each file of the archive, for picture desks and
//! for their systems. The JSON has every text as it was written; the CSV is made for spreadsheets, which must neither
//! guess its encoding nor run what stands in its cells.

use bytes::Bytes;
use serde::Serialize;

use super::{ItemText, KitText, called, languages_of};
use crate::{
    error::{Error, Result},
    language::{Language, Texts},
};

/// Without it Excel reads UTF-8 as the code page of its country.
const BYTE_ORDER_MARK: &str = "\u{feff}";
const SEPARATOR: &str = "; ";

/// One column: its name, and an item's cell.
struct Column<'a> {
    name: String,
    cell: Box<dyn Fn(&ItemText) -> String + 'a>,
}

#[derive(Serialize)]
struct Captions<'a> {
    kit: &'a KitText,
}

/// The kit and its items as JSON, `{"kit": {…, "items": […]}}`, every text in every language.
pub fn captions_json(kit: &KitText) -> Result<Bytes> {
    let json = serde_json::to_vec_pretty(&Captions { kit });
    json.map(Bytes::from)
        .map_err(|error| Error::internal("captions.json", error))
}

/// A row for each item; texts that have languages have a column for each language that occurs: `caption.uz-Latn`.
/// UTF-8 with a byte order mark, CRLF. A cell that a spreadsheet would run begins with an apostrophe.
pub fn captions_csv(kit: &KitText) -> Result<Bytes> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(BYTE_ORDER_MARK.as_bytes().to_vec());
    let failed = |error: csv::Error| Error::internal("captions.csv", error);
    let columns = columns(kit);
    writer
        .write_record(columns.iter().map(|column| &column.name))
        .map_err(failed)?;
    for item in &kit.items {
        writer
            .write_record(columns.iter().map(|column| inert(&(column.cell)(item))))
            .map_err(failed)?;
    }
    let written = writer
        .into_inner()
        .map_err(|error| Error::internal("captions.csv", error.to_string()))?;
    Ok(written.into())
}

fn columns(kit: &KitText) -> Vec<Column<'_>> {
    let mut columns = vec![
        plain("file", |item| item.path.clone()),
        plain("id", |item| item.id.0.to_string()),
        plain("language", |item| {
            item.language
                .as_ref()
                .map_or_else(String::new, ToString::to_string)
        }),
    ];
    columns.extend(told(kit, "headline", |item| &item.headline));
    columns.extend(told(kit, "caption", |item| &item.caption));
    columns.extend(told(kit, "alt_text", |item| &item.alt_text));
    columns.extend([
        plain("creator", |item| item.creator.clone().unwrap_or_default()),
        plain("credit", |item| item.credit.clone().unwrap_or_default()),
        plain("source", |item| item.source.clone().unwrap_or_default()),
    ]);
    columns.extend(told(kit, "copyright", |item| &item.copyright));
    columns.extend(told(kit, "usage_terms", |item| &item.usage_terms));
    columns.push(plain("keywords", |item| item.keywords.join(SEPARATOR)));
    columns.extend(persons(kit));
    columns.extend(told(kit, "place", |item| &item.place));
    columns.push(plain("taken_at", |item| {
        item.taken_at
            .as_ref()
            .map_or_else(String::new, ToString::to_string)
    }));
    columns.extend(told(kit, "note", |item| &item.note));
    columns.extend([
        plain("size", |item| item.size.to_string()),
        plain("sha256", |item| item.sha256.clone().unwrap_or_default()),
        plain("embargo_until", |item| {
            item.embargo_until
                .as_ref()
                .map_or_else(String::new, ToString::to_string)
        }),
    ]);
    columns
}

fn plain<'a>(name: &str, cell: impl Fn(&ItemText) -> String + 'a) -> Column<'a> {
    Column {
        name: name.to_owned(),
        cell: Box::new(cell),
    }
}

fn told<'a>(kit: &'a KitText, name: &str, texts: fn(&ItemText) -> &Texts) -> Vec<Column<'a>> {
    let languages = languages_of(kit.items.iter().map(texts));
    let column = |language: Language| Column {
        name: format!("{name}.{language}"),
        cell: Box::new(move |item| texts(item).get(&language).unwrap_or_default().to_owned()),
    };
    languages.into_iter().map(column).collect()
}

/// Everybody is in every column: who has no name in its language stands there by another.
fn persons(kit: &KitText) -> Vec<Column<'_>> {
    let languages = languages_of(
        kit.items
            .iter()
            .flat_map(|item| &item.persons)
            .map(|person| &person.name),
    );
    let column = |language: Language| {
        let preferred = [language];
        Column {
            name: format!("persons.{}", preferred[0]),
            cell: Box::new(move |item: &ItemText| {
                let names = item
                    .persons
                    .iter()
                    .filter_map(|person| called(person, &preferred));
                names.collect::<Vec<_>>().join(SEPARATOR)
            }),
        }
    };
    languages.into_iter().map(column).collect()
}

/// The cell with an apostrophe before what a spreadsheet would take for a formula (OWASP, CSV Injection): at its
/// start, and after what a spreadsheet set to another country takes for the end of a cell.
fn inert(cell: &str) -> String {
    let mut safe = String::with_capacity(cell.len() + 1);
    let mut begins = true;
    for letter in cell.chars() {
        let runs = matches!(letter, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
        let hides = safe.is_empty() && matches!(letter, '\t' | '\r' | '\n');
        if begins && (runs || hides) {
            safe.push('\'');
        }
        safe.push(letter);
        begins = match letter {
            ';' | '\t' | '\r' | '\n' => true,
            '"' => begins,
            blank if blank.is_whitespace() => begins,
            _ => false,
        };
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::texts::tests::kit;

    #[test]
    fn a_row_reads_back_as_it_was_told() {
        let csv = captions_csv(&kit()).expect("a table");
        let text = std::str::from_utf8(&csv).expect("UTF-8");
        let table = text
            .strip_prefix(BYTE_ORDER_MARK)
            .expect("a byte order mark");
        assert!(table.ends_with("\r\n"));
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let names = reader.headers().expect("a head").clone();
        assert_eq!(
            names.iter().collect::<Vec<_>>().join(" "),
            "file id language headline.uz-Cyrl headline.en caption.uz-Cyrl caption.ru alt_text.en creator \
             credit source copyright.ru usage_terms.en keywords persons.uz-Latn persons.ru taken_at size sha256 embargo_until"
        );
        let rows: Vec<_> = reader.records().collect::<Result<_, _>>().expect("rows");
        assert_eq!(rows.len(), 1);
        let cell = |name: &str| {
            &rows[0][names
                .iter()
                .position(|known| known == name)
                .expect("a column")]
        };
        assert_eq!(cell("file"), "Брифинг/01 Ҳоким.jpg");
        assert_eq!(cell("language"), "uz-Latn");
        assert_eq!(cell("headline.en"), "'=cmd|' /C calc'!A0");
        assert_eq!(cell("caption.uz-Cyrl"), "Биринчи қатор,\nиккинчи \"қатор\"");
        assert_eq!(cell("creator"), "'@botir");
        assert_eq!(cell("keywords"), "briefing; '=1+1");
        assert_eq!(cell("persons.uz-Latn"), "Raxmonov, аким; Хушев");
        assert_eq!(cell("persons.ru"), "Рахмонов, аким; Хушев");
        assert_eq!(cell("taken_at"), "2026-11-03T14:15:27+05:00");
    }

    #[test]
    fn no_cell_runs() {
        for (cell, safe) in [
            ("=1", "'=1"),
            ("+998", "'+998"),
            ("-1", "'-1"),
            ("@SUM", "'@SUM"),
            ("\t=1", "'\t'=1"),
            ("\rx", "'\rx"),
            ("  =1", "  '=1"),
            ("\"=1", "\"'=1"),
            ("＝1", "'＝1"),
            ("a;=1", "a;'=1"),
            ("a\n-1", "a\n'-1"),
        ] {
            assert_eq!(inert(cell), safe);
        }
        for plain in ["", "a=1", "a - b", "2026-11-03", "a, -b", "a@b.uz", "'=1"] {
            assert_eq!(inert(plain), plain);
        }
    }

    #[test]
    fn the_json_has_everything_as_it_was_written() {
        let json: serde_json::Value =
            serde_json::from_slice(&captions_json(&kit()).expect("JSON")).expect("JSON");
        let item = &json["kit"]["items"][0];
        assert_eq!(json["kit"]["title"]["ru"], "Брифинг акима");
        assert_eq!(item["headline"]["en"], "=cmd|' /C calc'!A0");
        assert_eq!(item["keywords"], serde_json::json!(["briefing", "=1+1"]));
        assert_eq!(item["taken_at"], "2026-11-03T14:15:27+05:00");
        assert_eq!(item["source"], serde_json::Value::Null);
        assert_eq!(item["persons"][0]["title"]["ru"], "аким");
    }

    #[test]
    fn a_kit_of_nothing_has_a_head_and_no_rows() {
        let csv = captions_csv(&KitText::default()).expect("a table");
        let text = std::str::from_utf8(&csv).expect("UTF-8");
        assert_eq!(text.lines().count(), 1);
        assert!(text.contains("file,id,language,creator"), "{text}");
    }
}
