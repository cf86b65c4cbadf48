//! Media types and the extensions that people know them by.

/// The usual extension of a media type, whatever its parameters; `None` for a type that is not known here.
pub fn extension(media_type: &str) -> Option<&'static str> {
    let essence = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    EXTENSIONS
        .iter()
        .find(|(known, _)| *known == essence)
        .map(|(_, extension)| *extension)
}

const EXTENSIONS: &[(&str, &str)] = &[
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/webp", "webp"),
    ("image/gif", "gif"),
    ("image/tiff", "tif"),
    ("image/bmp", "bmp"),
    ("image/heic", "heic"),
    ("image/heif", "heif"),
    ("image/avif", "avif"),
    ("image/jxl", "jxl"),
    ("image/vnd.adobe.photoshop", "psd"),
    ("image/x-adobe-dng", "dng"),
    ("image/x-canon-cr2", "cr2"),
    ("image/x-canon-cr3", "cr3"),
    ("image/x-nikon-nef", "nef"),
    ("image/x-sony-arw", "arw"),
    ("image/x-fuji-raf", "raf"),
    ("image/x-olympus-orf", "orf"),
    ("image/x-panasonic-rw2", "rw2"),
    ("image/x-pentax-pef", "pef"),
    ("image/x-samsung-srw", "srw"),
    ("image/x-dcraw", "raw"),
    ("image/svg+xml", "svg"),
    ("video/mp4", "mp4"),
    ("video/quicktime", "mov"),
    ("video/x-matroska", "mkv"),
    ("video/webm", "webm"),
    ("video/mpeg", "mpg"),
    ("video/mp2t", "ts"),
    ("video/x-msvideo", "avi"),
    ("video/3gpp", "3gp"),
    ("video/ogg", "ogv"),
    ("video/x-flv", "flv"),
    ("video/x-ms-wmv", "wmv"),
    ("application/mxf", "mxf"),
    ("audio/mpeg", "mp3"),
    ("audio/mp4", "m4a"),
    ("audio/x-m4a", "m4a"),
    ("audio/m4a", "m4a"),
    ("audio/aac", "aac"),
    ("audio/ogg", "ogg"),
    ("audio/opus", "opus"),
    ("audio/flac", "flac"),
    ("audio/x-flac", "flac"),
    ("audio/wav", "wav"),
    ("audio/x-wav", "wav"),
    ("audio/vnd.wave", "wav"),
    ("audio/webm", "weba"),
    ("audio/amr", "amr"),
    ("audio/aiff", "aiff"),
    ("audio/x-aiff", "aiff"),
    ("audio/x-ms-wma", "wma"),
    ("text/plain", "txt"),
    ("text/markdown", "md"),
    ("text/html", "html"),
    ("text/csv", "csv"),
    ("text/vtt", "vtt"),
    ("text/rtf", "rtf"),
    ("application/rtf", "rtf"),
    ("application/json", "json"),
    ("application/pdf", "pdf"),
    ("application/epub+zip", "epub"),
    ("application/msword", "doc"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.ms-powerpoint", "ppt"),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "docx",
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "pptx",
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
        "ppsx",
    ),
    ("application/vnd.oasis.opendocument.text", "odt"),
    ("application/vnd.oasis.opendocument.spreadsheet", "ods"),
    ("application/vnd.oasis.opendocument.presentation", "odp"),
    ("application/zip", "zip"),
];

#[cfg(test)]
mod tests {
    use super::extension;

    #[test]
    fn parameters_and_case_do_not_matter() {
        assert_eq!(extension("Text/Plain; charset=utf-8"), Some("txt"));
        assert_eq!(extension("image/jpeg"), Some("jpg"));
        assert_eq!(extension("application/x-unheard-of"), None);
    }
}
