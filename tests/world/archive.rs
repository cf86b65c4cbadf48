//! What lies in a ZIP, read by somebody else's code.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
};

/// Each file in the archive by its path; every entry's CRC-32 is checked on the way.
#[track_caller]
pub fn files(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a ZIP");
    let mut files = BTreeMap::new();
    for place in 0..archive.len() {
        let mut entry = archive.by_index(place).expect("an entry");
        let mut content = Vec::new();
        entry
            .read_to_end(&mut content)
            .expect("an entry that is whole");
        let name = entry.name().expect("a name in UTF-8").into_owned();
        let before = files.insert(name.clone(), content);
        assert!(before.is_none(), "{name} stands there twice");
    }
    files
}

/// The file whose path ends so.
#[track_caller]
pub fn named<'a>(files: &'a BTreeMap<String, Vec<u8>>, end: &str) -> &'a [u8] {
    let found = files.iter().find(|(path, _)| path.ends_with(end));
    found
        .unwrap_or_else(|| panic!("no {end} among {:?}", files.keys()))
        .1
}
