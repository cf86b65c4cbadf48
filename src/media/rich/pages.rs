//! The code pages that Rich Text Format names by Windows' numbers and by those of fonts' character sets.

use encoding_rs::Encoding;

/// A code page of Windows or DOS by its number.
pub fn page(number: i32) -> Option<&'static Encoding> {
    let label = match number {
        437 | 850 | 866 => "ibm866".to_owned(),
        874 | 1250..=1258 => format!("windows-{number}"),
        10_007 => "x-mac-cyrillic".to_owned(),
        10_000 => "macintosh".to_owned(),
        20_866 => "koi8-r".to_owned(),
        21_866 => "koi8-u".to_owned(),
        65_001 => "utf-8".to_owned(),
        936 => "gbk".to_owned(),
        932 => "shift_jis".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        _ => return None,
    };
    Encoding::for_label(label.as_bytes())
}

/// The code page of a font by its character set.
pub fn of_charset(number: i32) -> Option<&'static Encoding> {
    page(match number {
        0 => 1252,
        77 => 10_000,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        255 => 437,
        _ => return None,
    })
}
