//! Texts of every format that is taken, made on the spot, through the whole product: what is written in them is what
//! people read, in its language, with what they say about themselves; and what is made to do harm ends in a reason.

use std::io::{Cursor, Write};

use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::world::{File, World};

const UZBEK: &str = "Вилоят ҳокимлигида матбуот анжумани бўлиб ўтди.";
const LATIN: &str = "Viloyat hokimligida matbuot anjumani boʻlib oʻtdi.";
const KYRGYZ: &str = "Облустук акимчиликте маалымат жыйыны өттү.";
const RUSSIAN: &str = "В областной администрации прошла пресс-конференция.";
const ENGLISH: &str = "A press conference was held at the regional administration.";

fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        let method = if *name == "mimetype" {
            zip::CompressionMethod::Stored
        } else {
            zip::CompressionMethod::Deflated
        };
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(*name, options).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const CORE: &str = "<cp:coreProperties><dc:title>Хабар</dc:title><dc:creator>А. Каримов</dc:creator>\
    <dc:description>Қисқача</dc:description><cp:keywords>анжуман, матбуот</cp:keywords>\
    <dcterms:created>2024-03-01T05:00:00Z</dcterms:created></cp:coreProperties>";

fn word(body: &str) -> Vec<u8> {
    let document = format!("<w:document><w:body>{body}</w:body></w:document>");
    zipped(&[
        ("[Content_Types].xml", "<Types/>"),
        ("docProps/core.xml", CORE),
        (
            "docProps/app.xml",
            "<Properties><Pages>3</Pages></Properties>",
        ),
        ("word/document.xml", &document),
        (
            "word/footnotes.xml",
            "<w:footnotes><w:footnote w:id='2'><w:p><w:r><w:t>Izoh</w:t></w:r></w:p></w:footnote></w:footnotes>",
        ),
    ])
}

fn paragraph(words: &str) -> String {
    format!("<w:p><w:r><w:t>{words}</w:t></w:r></w:p>")
}

fn docx() -> Vec<u8> {
    let cell = |words: &str| format!("<w:tc>{}</w:tc>", paragraph(words));
    let row = |cells: [&str; 3]| format!("<w:tr>{}</w:tr>", cells.map(cell).concat());
    let table = [row(["T/r", "Tadbir", "Muddat"]), row(["1", "", "Dekabr"])].concat();
    word(&format!(
        "<w:p><w:r><w:t xml:space='preserve'>{LATIN} </w:t><w:t>R&amp;D</w:t><w:footnoteReference w:id='2'/></w:r>\
         <w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>\
         <w:tbl>{table}</w:tbl>{}",
        paragraph("oxiri")
    ))
}

fn pptx() -> Vec<u8> {
    let slide = |words: &str| format!("<p:sld><a:p><a:r><a:t>{words}</a:t></a:r></a:p></p:sld>");
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id='{id}' Type='http://x/{kind}' Target='{target}'/>")
    };
    let relations = [
        relation("r1", "slide", "slides/slide2.xml"),
        relation("r2", "slide", "slides/slide1.xml"),
        relation("r3", "slide", "slides/slide3.xml"),
    ];
    zipped(&[
        ("[Content_Types].xml", "<Types/>"),
        (
            "ppt/presentation.xml",
            "<p:presentation><p:sldId id='256' r:id='r1'/><p:sldId id='257' r:id='r2'/>\
             <p:sldId id='258' r:id='r3'/></p:presentation>",
        ),
        (
            "ppt/_rels/presentation.xml.rels",
            &format!("<Relationships>{}</Relationships>", relations.concat()),
        ),
        ("ppt/slides/slide1.xml", &slide("экинчи")),
        ("ppt/slides/slide2.xml", &slide(KYRGYZ)),
        (
            "ppt/slides/slide3.xml",
            "<p:sld show='0'><a:p><a:r><a:t>жашыруун</a:t></a:r></a:p></p:sld>",
        ),
        (
            "ppt/slides/_rels/slide2.xml.rels",
            &format!(
                "<Relationships>{}</Relationships>",
                relation("r1", "notesSlide", "../notesSlides/notesSlide1.xml")
            ),
        ),
        (
            "ppt/notesSlides/notesSlide1.xml",
            "<p:notes><a:p><a:r><a:t>эскертүү</a:t></a:r></a:p><a:p><a:fld type='slidenum'><a:t>1</a:t></a:fld></a:p></p:notes>",
        ),
    ])
}

fn xlsx() -> Vec<u8> {
    zipped(&[
        ("[Content_Types].xml", "<Types/>"),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name='Режа' sheetId='1' r:id='r1'/>\
             <sheet name='Яширин' sheetId='2' state='veryHidden' r:id='r1'/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id='r1' Type='x/worksheet' Target='worksheets/sheet1.xml'/></Relationships>",
        ),
        (
            "xl/sharedStrings.xml",
            &format!("<sst><si><t>{UZBEK}</t></si></sst>"),
        ),
        (
            "xl/styles.xml",
            "<styleSheet><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></styleSheet>",
        ),
        (
            "xl/worksheets/sheet1.xml",
            "<worksheet><sheetData><row><c r='A1' t='s'><v>0</v></c><c r='C1' s='1'><v>45352</v></c></row>\
             <row><c r='B2' t='inlineStr'><is><t>ҳокимлик</t></is></c><c r='XFD2'><v>7</v></c></row></sheetData></worksheet>",
        ),
    ])
}

fn open(kind: &str, body: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:body>{body}</office:body></office:document-content>"
    );
    zipped(&[
        (
            "mimetype",
            &format!("application/vnd.oasis.opendocument.{kind}"),
        ),
        ("content.xml", &content),
        (
            "meta.xml",
            "<office:document-meta><office:meta><dc:title>Отчёт</dc:title><meta:initial-creator>Б.</meta:initial-creator>\
             <dc:creator>В.</dc:creator><meta:keyword>пресса</meta:keyword><meta:creation-date>2024-03-01T10:00:00</meta:creation-date>\
             <meta:document-statistic meta:page-count='2'/></office:meta></office:document-meta>",
        ),
    ])
}

fn odt() -> Vec<u8> {
    open(
        "text",
        &format!(
            "<office:text><text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:h>Итоги</text:h>\
             <text:p>{RUSSIAN}<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Сноска</text:p>\
             </text:note-body></text:note><text:s text:c='2'/>да</text:p><table:table table:name='T'><table:table-row>\
             <table:table-cell><text:p>а</text:p></table:table-cell><table:table-cell table:number-columns-repeated='2'/>\
             <table:table-cell><text:p>г</text:p></table:table-cell></table:table-row></table:table></office:text>"
        ),
    )
}

fn ods() -> Vec<u8> {
    open(
        "spreadsheet",
        "<office:spreadsheet><table:table table:name='Лист'><table:table-row><table:table-cell><text:p>один</text:p>\
         </table:table-cell><table:table-cell office:value='2'><text:p>2,00</text:p></table:table-cell></table:table-row>\
         </table:table></office:spreadsheet>",
    )
}

fn rtf() -> Vec<u8> {
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(RUSSIAN);
    let mut rtf = b"{\\rtf1\\ansi\\ansicpg1251{\\info{\\author B}}\\pard ".to_vec();
    for byte in bytes.iter() {
        match byte {
            b' '..=b'~' => rtf.push(*byte),
            byte => rtf.extend(format!("\\'{byte:02x}").into_bytes()),
        }
    }
    rtf.extend(b"\\par\\u1178?\\par}");
    rtf
}

fn koi8(text: &str) -> Vec<u8> {
    encoding_rs::KOI8_R.encode(text).0.into_owned()
}

/// What is sent, and what must come: its type, language and text.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    media_type: &'static str,
    language: Option<&'static str>,
    text: String,
}

fn case(
    name: &'static str,
    bytes: impl Into<Vec<u8>>,
    media_type: &'static str,
    language: Option<&'static str>,
    text: impl Into<String>,
) -> Case {
    Case {
        name,
        bytes: bytes.into(),
        media_type,
        language,
        text: text.into(),
    }
}

fn cases() -> Vec<Case> {
    const OOXML: &str = "application/vnd.openxmlformats-officedocument.";
    let html = format!(
        "<!DOCTYPE html><title>News</title><script>x()</script><h1>{ENGLISH}</h1><p>One<br>two"
    );
    vec![
        case("plain", UZBEK, "text/plain", Some("uz-Cyrl"), UZBEK),
        case("koi8", koi8(RUSSIAN), "text/plain", Some("ru"), RUSSIAN),
        case(
            "html",
            html,
            "text/html",
            Some("en"),
            format!("{ENGLISH}\nOne\ntwo\n"),
        ),
        case(
            "rtf",
            rtf(),
            "application/rtf",
            Some("ru"),
            format!("{RUSSIAN}\nҚ\n"),
        ),
        case(
            "docx",
            docx(),
            "wordprocessingml.document",
            Some("uz-Latn"),
            format!("{LATIN} R&D[1]\nT/r\tTadbir\tMuddat\n1\t\tDekabr\noxiri\n\n[1] Izoh\n"),
        ),
        case(
            "pptx",
            pptx(),
            "presentationml.presentation",
            Some("ky"),
            format!("{KYRGYZ}\n\nэскертүү\n\x0C\nэкинчи\n"),
        ),
        case(
            "xlsx",
            xlsx(),
            "spreadsheetml.sheet",
            Some("uz-Cyrl"),
            format!(
                "Режа\n{UZBEK}\t\t2024-03-01\n\tҳокимлик{}7\n",
                "\t".repeat(100)
            ),
        ),
        case(
            "odt",
            odt(),
            "application/vnd.oasis.opendocument.text",
            Some("ru"),
            format!("Итоги\n{RUSSIAN}[1]  да\nа\t\t\tг\n\n[1] Сноска\n"),
        ),
        case(
            "ods",
            ods(),
            "application/vnd.oasis.opendocument.spreadsheet",
            None,
            "Лист\nодин\t2,00\n",
        ),
    ]
    .into_iter()
    .map(|one| Case {
        media_type: if one.media_type.contains('/') {
            one.media_type
        } else {
            Box::leak(format!("{OOXML}{}", one.media_type).into_boxed_str())
        },
        ..one
    })
    .collect()
}

#[tokio::test]
async fn every_format_is_read_as_people_read_it() {
    let world = World::start().await;
    for one in cases() {
        let file = File::new(one.name, "application/octet-stream", one.bytes);
        let id = world.upload(&file, &json!({})).await;
        world.ready(&id).await;
        // A look that falls between two commits may see the state before the text: this one comes after both.
        let material = world.admin.get(&format!("/v1/materials/{id}")).await.json();
        let found = json!([
            material["kind"],
            material["original"]["media_type"],
            material["language"],
            material["text"]
        ]);
        assert_eq!(
            found,
            json!(["text", one.media_type, one.language, one.text]),
            "{}",
            one.name
        );
    }
}

#[tokio::test]
async fn what_documents_say_about_themselves_fills_the_description() {
    let world = World::start().await;
    let told = async |name: &str, bytes: Vec<u8>| -> Value {
        let file = File::new(name, "application/octet-stream", bytes);
        let id = world.upload(&file, &json!({"credit": "Хизмат"})).await;
        world.ready(&id).await
    };
    let docx = told("a.docx", docx()).await;
    assert_eq!(docx["original"]["pages"], 3);
    assert_eq!(docx["creator"], "А. Каримов");
    assert_eq!(docx["keywords"], json!(["анжуман", "матбуот"]));
    assert_eq!(docx["taken_at"], "2024-03-01T05:00:00Z");
    let odt = told("a.odt", odt()).await;
    assert_eq!(odt["original"]["pages"], 2);
    assert_eq!(odt["creator"], "Б.", "who wrote it, not who saved it last");
    assert_eq!(odt["embedded"]["raw"]["document"]["title"], "Отчёт");
    assert_eq!(told("a.pptx", pptx()).await["original"]["pages"], 3);
}

#[tokio::test]
async fn a_page_of_html_is_never_shown_as_one() {
    let world = World::start().await;
    let page = "<!DOCTYPE html><p>Words<script>alert(1)</script>";
    let file = File::new("page.html", "text/html", page);
    let id = world.upload(&file, &json!({"audiences": ["public"]})).await;
    world.ready(&id).await;
    let url = format!("/v1/materials/{id}/original");
    let answer = world.admin.get(&url).await.expect(200);
    assert_eq!(answer.bytes, page.as_bytes());
    assert_eq!(answer.header("content-type"), "text/plain");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("content-security-policy").contains("sandbox"));
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment")
    );
}

#[tokio::test]
async fn a_language_that_was_said_is_not_overruled_and_a_text_can_be_published() {
    let world = World::start().await;
    let file = File::new("a.txt", "text/plain", ENGLISH);
    let body = json!({"language": "ru", "audiences": ["public"]});
    let id = world.upload(&file, &body).await;
    assert_eq!(world.ready(&id).await["language"], "ru");
    world.publish("materials", &id).await;
}

/// A part that is all blanks packs to a thousandth.
fn bomb() -> Vec<u8> {
    word(&" ".repeat(64 << 20))
}

/// Each entity is ten of the one before: ten lines become ten thousand million words.
fn laughs() -> Vec<u8> {
    let entity = |level: usize| {
        let ten = format!("&a{};", level - 1).repeat(10);
        format!("<!ENTITY a{level} '{ten}'>")
    };
    let entities: String = (1..10).map(entity).collect();
    let content = format!(
        "<!DOCTYPE x [<!ENTITY a0 'ha'>{entities}]><office:text><text:p>&a9;</text:p></office:text>"
    );
    zipped(&[
        ("mimetype", "application/vnd.oasis.opendocument.text"),
        ("content.xml", &content),
    ])
}

/// A bomb whose directory says that each part holds a hundred bytes.
fn lying() -> Vec<u8> {
    let mut bytes = bomb();
    let mut at = 0;
    while let Some(found) = bytes[at..]
        .windows(4)
        .position(|four| four == b"PK\x01\x02")
    {
        at += found;
        bytes[at + 24..at + 28].copy_from_slice(&100_u32.to_le_bytes());
        at += 4;
    }
    bytes
}

/// One long word that a hundred thousand cells name.
fn echo() -> Vec<u8> {
    let cells = "<c t='s'><v>0</v></c>".repeat(100_000);
    zipped(&[
        ("[Content_Types].xml", "<Types/>"),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name='1' r:id='r1'/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id='r1' Type='x/worksheet' Target='worksheets/sheet1.xml'/></Relationships>",
        ),
        (
            "xl/sharedStrings.xml",
            &format!("<sst><si><t>{}</t></si></sst>", "word".repeat(100_000)),
        ),
        (
            "xl/worksheets/sheet1.xml",
            &format!("<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>"),
        ),
    ])
}

#[tokio::test]
async fn what_is_made_to_do_harm_ends_in_a_reason() {
    let world = World::start().await;
    let entity = zipped(&[
        ("[Content_Types].xml", "<Types/>"),
        (
            "word/document.xml",
            "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><w:t>&a;</w:t>",
        ),
    ]);
    let whole = docx();
    for (name, bytes, reason) in [
        ("bomb", bomb(), "unpacks to far more"),
        ("lying", lying(), "a part of it is damaged"),
        ("entity", entity, "document type"),
        ("laughs", laughs(), "document type"),
        ("deep", word(&"<w:p>".repeat(100_000)), "nested too deeply"),
        ("echo", echo(), "its text is longer"),
        (
            "cut",
            whole[..whole.len() / 2].to_vec(),
            "cut off or damaged",
        ),
        (
            "groups",
            format!("{{\\rtf1{}", "{".repeat(5000)).into_bytes(),
            "nested too deeply",
        ),
    ] {
        let file = File::new(name, "application/octet-stream", bytes);
        let answer = world.admin.upload(&file, &json!({})).await.expect(201);
        let material = world.settled(&answer.id()).await;
        let problem = material["processing"]["problem"].as_str().unwrap_or("none");
        assert!(problem.contains(reason), "{name}: {problem}");
    }
}

#[tokio::test]
async fn files_of_old_office_programs_are_refused_with_advice() {
    let world = World::start().await;
    let mut old = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    old.extend([0; 1528]);
    let file = File::new("report.doc", "application/msword", old);
    let answer = world.admin.upload(&file, &json!({})).await.expect(415);
    let detail = answer.json()["detail"].to_string();
    assert!(detail.contains("save it as .docx"), "{detail}");
}

#[tokio::test]
async fn what_is_made_to_take_long_does_not() {
    let world = World::start().await;
    let repeated = "<office:spreadsheet><table:table table:name='L'><table:table-row table:number-rows-repeated='1048576'>\
        <table:table-cell table:number-columns-repeated='16384' office:value='1'><text:p>один</text:p></table:table-cell>\
        </table:table-row></table:table></office:spreadsheet>";
    let nested = format!("<!DOCTYPE html>{}<p>{ENGLISH}", "<div>".repeat(200_000));
    let tables = format!(
        "<!DOCTYPE html>{}{ENGLISH}",
        "<table><tr><td>".repeat(50_000)
    );
    let skipped = format!("{{\\rtf1 {ENGLISH}{{\\pict\\bin2147483647 x}}\\u-1?");
    for (name, bytes, words) in [
        ("repeated", open("spreadsheet", repeated), "один"),
        ("nested", nested.into_bytes(), ENGLISH),
        ("tables", tables.into_bytes(), ENGLISH),
        ("skipped", skipped.into_bytes(), ENGLISH),
    ] {
        let began = std::time::Instant::now();
        let file = File::new(name, "application/octet-stream", bytes);
        let id = world.upload(&file, &json!({})).await;
        world.ready(&id).await;
        let material = world.admin.get(&format!("/v1/materials/{id}")).await.json();
        let text = material["text"].as_str().unwrap_or_default();
        assert!(text.contains(words) && text.len() < 4 << 20, "{name}");
        assert!(began.elapsed().as_secs() < 60, "{name}");
    }
}
