//! The table of formats: what Jarchi takes, how people call it, and by which extension they know it.

use super::Kind::{self, Audio, Photo, Text, Video};

/// A sort of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    pub kind: Kind,
    /// As people call it; several formats may share a name.
    pub name: &'static str,
    /// Without its dot.
    pub extension: &'static str,
    pub media_type: &'static str,
}

/// What is taken, the usual first. What a file is of these, `media` says.
pub const FORMATS: &[Format] = &[
    format(Photo, "JPEG", "jpg", "image/jpeg"),
    format(Photo, "PNG", "png", "image/png"),
    format(Photo, "WebP", "webp", "image/webp"),
    format(Photo, "GIF", "gif", "image/gif"),
    format(Photo, "TIFF", "tif", "image/tiff"),
    format(Photo, "BMP", "bmp", "image/bmp"),
    format(Photo, "HEIC", "heic", "image/heic"),
    format(Photo, "HEIF", "heif", "image/heif"),
    format(Photo, "AVIF", "avif", "image/avif"),
    format(Photo, "Photoshop", "psd", "image/vnd.adobe.photoshop"),
    format(Photo, "RAW", "dng", "image/x-adobe-dng"),
    format(Photo, "RAW", "cr2", "image/x-canon-cr2"),
    format(Photo, "RAW", "cr3", "image/x-canon-cr3"),
    format(Photo, "RAW", "nef", "image/x-nikon-nef"),
    format(Photo, "RAW", "arw", "image/x-sony-arw"),
    format(Photo, "RAW", "raf", "image/x-fuji-raf"),
    format(Photo, "RAW", "orf", "image/x-olympus-orf"),
    format(Photo, "RAW", "rw2", "image/x-panasonic-rw2"),
    format(Photo, "RAW", "pef", "image/x-pentax-pef"),
    format(Photo, "RAW", "srw", "image/x-samsung-srw"),
    format(Photo, "RAW", "raw", "image/x-dcraw"),
    format(Video, "MP4", "mp4", "video/mp4"),
    format(Video, "QuickTime", "mov", "video/quicktime"),
    format(Video, "3GP", "3gp", "video/3gpp"),
    format(Video, "Matroska", "mkv", "video/matroska"),
    format(Video, "WebM", "webm", "video/webm"),
    format(Video, "AVI", "avi", "video/x-msvideo"),
    format(Video, "MPEG transport stream", "ts", "video/mp2t"),
    format(Video, "MPEG", "mpg", "video/mpeg"),
    format(Video, "MXF", "mxf", "application/mxf"),
    format(Video, "Windows Media", "wmv", "video/x-ms-asf"),
    format(Video, "Flash Video", "flv", "video/x-flv"),
    format(Video, "Ogg", "ogv", "video/ogg"),
    format(Video, "DV", "dv", "video/dv"),
    format(Audio, "WAV", "wav", "audio/wav"),
    format(Audio, "MP3", "mp3", "audio/mpeg"),
    format(Audio, "M4A", "m4a", "audio/mp4"),
    format(Audio, "AAC", "aac", "audio/aac"),
    format(Audio, "Ogg", "ogg", "audio/ogg"),
    format(Audio, "FLAC", "flac", "audio/flac"),
    format(Audio, "AMR", "amr", "audio/amr"),
    format(Audio, "AIFF", "aiff", "audio/aiff"),
    format(Audio, "Windows Media", "wma", "audio/x-ms-wma"),
    format(Audio, "Core Audio", "caf", "audio/x-caf"),
    format(Audio, "Matroska", "mka", "audio/matroska"),
    format(Audio, "WebM", "weba", "audio/webm"),
    format(Audio, "3GP", "3gp", "audio/3gpp"),
    format(Text, "plain text", "txt", "text/plain"),
    format(Text, "Markdown", "md", "text/markdown"),
    format(Text, "HTML", "html", "text/html"),
    format(Text, "RTF", "rtf", "application/rtf"),
    format(Text, "PDF", "pdf", "application/pdf"),
    format(
        Text,
        "Word",
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    format(
        Text,
        "PowerPoint",
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    format(
        Text,
        "PowerPoint",
        "ppsx",
        "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
    ),
    format(
        Text,
        "Excel",
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    format(
        Text,
        "OpenDocument",
        "odt",
        "application/vnd.oasis.opendocument.text",
    ),
    format(
        Text,
        "OpenDocument",
        "odp",
        "application/vnd.oasis.opendocument.presentation",
    ),
    format(
        Text,
        "OpenDocument",
        "ods",
        "application/vnd.oasis.opendocument.spreadsheet",
    ),
];

/// What is made here and never taken.
const MADE: [(&str, &str); 2] = [("json", "application/json"), ("vtt", "text/vtt")];

/// The usual extension of a media type, whatever its parameters; `None` for a type that is not known here.
#[must_use]
pub fn extension(media_type: &str) -> Option<&'static str> {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let taken = FORMATS
        .iter()
        .map(|format| (format.extension, format.media_type));
    taken
        .chain(MADE)
        .find(|(_, known)| known.eq_ignore_ascii_case(essence))
        .map(|(extension, _)| extension)
}

const fn format(
    kind: Kind,
    name: &'static str,
    extension: &'static str,
    media_type: &'static str,
) -> Format {
    Format {
        kind,
        name,
        extension,
        media_type,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_do_not_matter() {
        assert_eq!(extension("Text/Plain; charset=utf-8"), Some("txt"));
        assert_eq!(extension("image/jpeg"), Some("jpg"));
        assert_eq!(extension("application/x-unheard-of"), None);
    }

    #[test]
    fn each_format_stands_there_once() {
        for (place, format) in FORMATS.iter().enumerate() {
            let again = FORMATS[place + 1..]
                .iter()
                .find(|other| other.media_type == format.media_type);
            assert_eq!(again, None);
        }
    }
}
