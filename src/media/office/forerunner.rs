//! Files of office programs of before 2007, told apart by the names of the streams in their compound file (MS-CFB
//! section 2.6), so that their editor learns what to do about them.

use std::{fs::File, io::Read};

use crate::error::Error;

/// The directory stands anywhere; names are looked for in so many bytes.
const LOOKED_THROUGH: u64 = 64 << 20;

const STREAMS: [(&str, &str); 5] = [
    ("EncryptedPackage", "it is locked with a password"),
    (
        "WordDocument",
        "it is a Word document of before 2007 (.doc); save it as .docx, .odt or PDF",
    ),
    (
        "PowerPoint Document",
        "it is a PowerPoint presentation of before 2007 (.ppt); save it as .pptx, .odp or PDF",
    ),
    (
        "Workbook",
        "it is an Excel workbook of before 2007 (.xls); save it as .xlsx, .ods or PDF",
    ),
    (
        "Book",
        "it is an Excel workbook of before 2007 (.xls); save it as .xlsx, .ods or PDF",
    ),
];

/// Why it is not read.
pub fn reason(original: &File) -> Error {
    let mut bytes = Vec::new();
    if let Err(cause) = original.take(LOOKED_THROUGH).read_to_end(&mut bytes) {
        return Error::internal("reading an original", cause);
    }
    let named = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.windows(name.len()).any(|window| window == name)
    };
    let found = STREAMS.iter().find(|(name, _)| named(name));
    let unknown = "it is a file of an old office program that is not known here; save it as PDF";
    Error::Unusable(found.map_or(unknown, |(_, reason)| reason).into())
}
