//! Archives as others read them: the `zip` crate always; Python, Info-ZIP and 7-Zip where they are installed. Blobs
//! are made up by their id and offset, so that archives of many gigabytes cost nothing.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::FileExt,
    path::Path,
    process::Command,
};

use uuid::Uuid;

use super::*;
use crate::{storage::Piece, terms::BlobId};

const HUGE: u64 = 0x1_0000_0123;

/// Byte `at` of a blob: all zeros in blob 0, else what looks like chance.
fn blob_byte(blob: BlobId, at: u64) -> u8 {
    match blob.0.as_u64_pair() {
        (_, 0) => 0,
        (_, id) => (at.wrapping_mul(0x9E37_79B9) ^ id).to_be_bytes()[4],
    }
}

fn read(piece: &Piece) -> Vec<u8> {
    match piece {
        Piece::Bytes(bytes) => bytes.to_vec(),
        Piece::Segment(segment) => (segment.offset..segment.offset + segment.length)
            .map(|at| blob_byte(segment.blob, at))
            .collect(),
    }
}

fn read_all(layout: &Arc<Layout>, range: Range<u64>) -> Vec<u8> {
    layout
        .pieces(range)
        .flat_map(|piece| read(&piece))
        .collect()
}

fn segment(blob: u128, offset: u64, length: u64) -> Segment {
    Segment {
        blob: BlobId(Uuid::from_u128(blob)),
        offset,
        length,
    }
}

fn blob(path: &str, segments: Vec<Segment>) -> Entry {
    let all: Vec<u8> = segments
        .iter()
        .flat_map(|segment| read(&Piece::Segment(*segment)))
        .collect();
    entry(
        path,
        Body::Blob {
            segments,
            crc32: crc32fast::hash(&all),
        },
    )
}

fn text(path: &str, text: &'static str) -> Entry {
    entry(path, Body::Packed(Packed::from(text)))
}

fn entry(path: &str, body: Body) -> Entry {
    let modified = "2026-11-03T09:15:27.5Z".parse().expect("a time");
    Entry {
        path: path.to_owned(),
        modified,
        body,
    }
}

fn zone() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(5))
}

fn lay(entries: Vec<Entry>) -> Arc<Layout> {
    Layout::new(entries, zone()).expect("a layout")
}

fn kit() -> Arc<Layout> {
    lay(vec![
        blob(
            "Брифинг/01 Ҳоким жавоб бермоқда.jpg",
            vec![segment(1, 0, 700), segment(2, 64, 5_000)],
        ),
        blob("Брифинг/02 empty.jpg", vec![]),
        blob(
            "Брифинг/03 gaps.jpg",
            vec![
                segment(1, 9, 0),
                segment(3, 5, 40),
                segment(1, 0, 0),
                segment(3, 0, 1),
            ],
        ),
        text("README.txt", "Salom, дунё!\r\n"),
        text("empty.txt", ""),
    ])
}

/// Four gigabytes and more of zeros, then entries that only ZIP64 can find.
fn huge() -> Arc<Layout> {
    let mut zeros = crc32fast::Hasher::new();
    zeros.update(&[0; 0x123]);
    let mut doubled = crc32fast::Hasher::new();
    doubled.update(&vec![0; 1 << 20]);
    for _ in 20..32 {
        let half = doubled.clone();
        doubled.combine(&half);
    }
    zeros.combine(&doubled);
    let body = Body::Blob {
        segments: vec![segment(0, 0, HUGE)],
        crc32: zeros.finalize(),
    };
    lay(vec![
        text("first.txt", "before"),
        entry("huge/Видео.mp4", body),
        text("last.txt", "after four gigabytes"),
        blob("Суратлар/oxirgi.jpg", vec![segment(4, 0, 3_000)]),
    ])
}

fn many(count: usize) -> Arc<Layout> {
    let paths = (0..count).map(|at| format!("сон/{at}.txt"));
    lay(paths
        .map(|path| entry(&path, Body::Packed(Packed::from(&path))))
        .collect())
}

/// An archive as a file that can be read anywhere and is nowhere.
struct Virtual {
    layout: Arc<Layout>,
    at: u64,
}

impl Read for Virtual {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self.at.saturating_add(buffer.len() as u64);
        let Some(piece) = self.layout.pieces(self.at..end).next() else {
            return Ok(0);
        };
        let bytes = read(&piece);
        buffer[..bytes.len()].copy_from_slice(&bytes);
        self.at += bytes.len() as u64;
        Ok(bytes.len())
    }
}

impl Seek for Virtual {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.layout.size().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

fn open(layout: &Arc<Layout>) -> zip::ZipArchive<io::BufReader<Virtual>> {
    let archive = Virtual {
        layout: Arc::clone(layout),
        at: 0,
    };
    zip::ZipArchive::new(io::BufReader::new(archive)).expect("an archive")
}

/// Numbers that look like chance and are the same on every run (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ mixed >> 31) % limit
    }
}

#[test]
fn the_zip_crate_reads_every_entry() {
    let layout = kit();
    let mut archive = open(&layout);
    assert_eq!(archive.len(), layout.entries().len());
    for (at, placed) in layout.entries().iter().enumerate() {
        let mut file = archive.by_index(at).expect("an entry");
        assert_eq!(file.name().expect("a name"), placed.entry.path);
        assert_eq!((file.size(), file.crc32()), (placed.size, placed.crc32));
        assert_eq!(file.data_start(), Some(placed.data));
        assert_eq!(file.unix_mode(), Some(0o100_644));
        let time = file.last_modified().expect("a time");
        assert_eq!(
            (time.day(), time.hour(), time.minute(), time.second()),
            (3, 14, 15, 26)
        );
        let mut data = Vec::new();
        file.read_to_end(&mut data)
            .expect("data with the right CRC-32");
        assert_eq!(
            data,
            read_all(&layout, placed.data..placed.data + placed.size)
        );
    }
}

#[test]
fn any_range_is_a_slice_of_the_whole() {
    let mut dice = Dice(2026);
    for layout in [kit(), many(3_000)] {
        let whole = read_all(&layout, 0..layout.size());
        assert_eq!(whole.len() as u64, layout.size());
        for _ in 0..500 {
            let start = dice.below(layout.size());
            let length = dice.below(layout.size().min(9_000)) + 1;
            let end = (start + length).min(layout.size());
            let slice = &whole[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()];
            assert_eq!(read_all(&layout, start..end), slice, "{start}..{end}");
        }
        let single: Vec<u8> = (0..layout.size().min(12_000))
            .flat_map(|at| read_all(&layout, at..at + 1))
            .collect();
        assert_eq!(single, whole[..single.len()]);
        assert_eq!(layout.pieces(layout.size()..u64::MAX).count(), 0);
    }
}

#[test]
fn beyond_four_gigabytes_zip64_finds_everything() {
    let layout = huge();
    let mut archive = open(&layout);
    let large = archive.by_name("huge/Видео.mp4").expect("the large one");
    assert_eq!(
        (large.size(), large.data_start()),
        (HUGE, Some(layout.entries()[1].data))
    );
    drop(large);
    for (name, size) in [
        ("first.txt", 6),
        ("last.txt", 20),
        ("Суратлар/oxirgi.jpg", 3_000),
    ] {
        let read = io::copy(
            &mut archive.by_name(name).expect("an entry"),
            &mut io::sink(),
        );
        assert_eq!(read.expect("data with the right CRC-32"), size);
    }
}

#[test]
fn zip64_begins_exactly_where_it_is_needed() {
    let sized = |length| {
        lay(vec![entry(
            "a",
            Body::Blob {
                segments: vec![segment(0, 0, length)],
                crc32: 0,
            },
        )])
    };
    let header = |length| read_all(&sized(length), 0..30);
    let needed = |length| u16::from_le_bytes([header(length)[4], header(length)[5]]);
    assert_eq!((needed(0xFFFF_FFFE), needed(0xFFFF_FFFF)), (20, 45));
    let local = |length| sized(length).entries()[0].data;
    assert_eq!(local(0xFFFF_FFFF) - local(0xFFFF_FFFE), 20);

    let tail = |directory: Range<u64>, count| headers::end(count, &directory).len();
    assert_eq!((tail(0..9, 0xFFFE), tail(0..9, 0xFFFF)), (22, 98));
    assert_eq!((tail(0..0xFFFF_FFFE, 1), tail(0..0xFFFF_FFFF, 1)), (22, 98));
    assert_eq!(
        (
            tail(0xFFFF_FFFE..0xFFFF_FFFF, 1),
            tail(0xFFFF_FFFF..0x1_0000_0000, 1)
        ),
        (22, 98)
    );
}

#[test]
fn seventy_thousand_entries_are_all_there() {
    let layout = many(70_000);
    let mut archive = open(&layout);
    assert_eq!(archive.len(), 70_000);
    for at in [0, 65_534, 65_535, 65_536, 69_999] {
        let mut data = String::new();
        archive
            .by_index(at)
            .expect("an entry")
            .read_to_string(&mut data)
            .expect("its data");
        assert_eq!(data, format!("сон/{at}.txt"));
    }
    let longest = layout
        .pieces(0..layout.size())
        .map(|piece| piece.length())
        .max();
    assert!(longest < Some(66 * 1024), "{longest:?}");
}

#[test]
fn the_tag_changes_with_anything_that_changes_the_bytes() {
    let one = || blob("a.jpg", vec![segment(1, 0, 10), segment(2, 0, 10)]);
    let tag = |entries| lay(entries).etag().to_owned();
    let first = tag(vec![one()]);
    assert_eq!(tag(vec![one()]), first);
    assert!(
        first.len() == 34 && first.starts_with('"') && first.ends_with('"'),
        "{first}"
    );
    let later = Entry {
        modified: one().modified + jiff::SignedDuration::from_secs(2),
        ..one()
    };
    let others = [
        vec![Entry {
            path: "b.jpg".to_owned(),
            ..one()
        }],
        vec![later],
        vec![Entry {
            body: Body::Blob {
                segments: vec![segment(1, 0, 20)],
                crc32: 7,
            },
            ..one()
        }],
        vec![Entry {
            body: Body::Blob {
                segments: vec![segment(1, 0, 10), segment(2, 1, 10)],
                crc32: 7,
            },
            ..one()
        }],
        vec![Entry {
            body: Body::Blob {
                segments: vec![segment(1, 0, 10), segment(3, 0, 10)],
                crc32: 7,
            },
            ..one()
        }],
        vec![text("a.jpg", "twenty bytes of text")],
        vec![text("a.jpg", "twenty bytes of TEXT")],
        vec![one(), text("b", "")],
        vec![],
    ];
    let mut seen = std::collections::HashSet::from([first]);
    for entries in others {
        assert!(seen.insert(tag(entries.clone())), "{entries:?}");
    }
    assert!(
        seen.insert(
            Layout::new(vec![one()], TimeZone::UTC)
                .expect("a layout")
                .etag()
                .to_owned()
        )
    );
}

#[test]
fn what_no_header_can_hold_is_refused() {
    let of = |entry| Layout::new(vec![entry], zone());
    assert!(of(text("", "")).is_err());
    assert!(of(text(&"я".repeat(32_736), "")).is_err());
    assert!(of(text(&"я".repeat(32_735), "")).is_ok());
    let body = Body::Blob {
        segments: vec![segment(0, 0, u64::MAX), segment(0, 0, 1)],
        crc32: 0,
    };
    assert!(of(entry("a", body)).is_err());
}

#[test]
fn an_empty_archive_is_an_archive() {
    let layout = lay(vec![]);
    assert_eq!(layout.size(), 22);
    assert_eq!(open(&layout).len(), 0);
}

/// Runs a checker over the archive at `path`; says so where it is not installed.
fn check(program: &str, arguments: &[&str], path: &Path) {
    let output = match Command::new(program).args(arguments).arg(path).output() {
        Ok(output) => output,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            eprintln!("{program} is not installed: left out");
            return;
        }
        Err(error) => panic!("{program}: {error}"),
    };
    let said = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&said)
    );
}

/// Writes the archive, with holes where its blobs are all zeros.
fn save(layout: &Arc<Layout>) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new()
        .suffix(".zip")
        .tempfile()
        .expect("a file");
    let out: &File = file.as_file();
    let mut at = 0;
    for piece in layout.pieces(0..layout.size()) {
        if !matches!(&piece, Piece::Segment(segment) if segment.blob.0.is_nil()) {
            out.write_all_at(&read(&piece), at).expect("written");
        }
        at += piece.length();
    }
    out.set_len(at).expect("its size");
    (&*out).flush().expect("flushed");
    file
}

#[test]
fn other_programs_accept_a_kit() {
    let file = save(&kit());
    let python = "import sys, zipfile\n\
        kit = zipfile.ZipFile(sys.argv[1])\n\
        assert kit.testzip() is None\n\
        assert kit.namelist()[0] == 'Брифинг/01 Ҳоким жавоб бермоқда.jpg', kit.namelist()\n\
        assert kit.read('README.txt').decode() == 'Salom, дунё!\\r\\n'\n";
    check("python3", &["-X", "utf8", "-c", python], file.path());
    check("unzip", &["-tqq"], file.path());
    check("7z", &["t", "-bso0"], file.path());
}

#[test]
fn other_programs_find_everything_beyond_four_gigabytes() {
    let file = save(&huge());
    let python = format!(
        "import sys, zipfile\n\
        kit = zipfile.ZipFile(sys.argv[1])\n\
        assert [entry.file_size for entry in kit.infolist()] == [6, {HUGE}, 20, 3000]\n\
        assert kit.read('last.txt') == b'after four gigabytes'\n\
        assert len(kit.read('Суратлар/oxirgi.jpg')) == 3000\n"
    );
    check("python3", &["-X", "utf8", "-c", &python], file.path());
    check("7z", &["l", "-bso0"], file.path());
    check("unzip", &["-Z", "-1"], file.path());
}

#[test]
fn other_programs_count_seventy_thousand_entries() {
    let file = save(&many(70_000));
    let python = "import sys, zipfile\n\
        kit = zipfile.ZipFile(sys.argv[1])\n\
        assert len(kit.infolist()) == 70000\n\
        assert kit.read('сон/69999.txt').decode() == 'сон/69999.txt'\n";
    check("python3", &["-X", "utf8", "-c", python], file.path());
    check("unzip", &["-tqq"], file.path());
}
