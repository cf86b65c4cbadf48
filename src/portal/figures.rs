//! Sizes, durations and moments as people write them in each language (the Unicode CLDR's long dates); moments by the
//! clock of the office, with how far it is from UTC.

use std::fmt::Write;

use jiff::{Timestamp, tz::TimeZone};

use super::tongue::Tongue;

/// A moment, for people and for machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Such as `28 November 2026, 14:00 (UTC+5)`.
    pub text: String,
    /// RFC 3339, in UTC.
    pub machine: String,
}

/// In units of a thousand, as shops and newsrooms count: `4.2 MB`.
pub fn size(bytes: u64, tongue: Tongue) -> String {
    let is_latin = matches!(tongue, Tongue::English | Tongue::UzbekLatin);
    let units = if is_latin {
        ["B", "kB", "MB", "GB", "TB"]
    } else {
        ["Б", "кБ", "МБ", "ГБ", "ТБ"]
    };
    let (mut tenths, mut unit) = (u128::from(bytes) * 10, 0);
    while tenths >= 9_995 && unit + 1 < units.len() {
        tenths = (tenths + 500) / 1000;
        unit += 1;
    }
    let (whole, tenth) = (tenths / 10, tenths % 10);
    let point = if tongue == Tongue::English { '.' } else { ',' };
    if whole >= 10 || tenth == 0 {
        format!("{}\u{a0}{}", (tenths + 5) / 10, units[unit])
    } else {
        format!("{whole}{point}{tenth}\u{a0}{}", units[unit])
    }
}

/// `1:02:03`, or `2:03`.
pub fn duration(milliseconds: i64) -> String {
    let seconds = (milliseconds.max(0) + 500) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// With its time and zone, to the minute.
pub fn moment(at: Timestamp, zone: &TimeZone, tongue: Tongue) -> Moment {
    written(at, zone, tongue, false)
}

/// The same to the second, where it has one: before that, something must not be done.
pub fn deadline(at: Timestamp, zone: &TimeZone, tongue: Tongue) -> Moment {
    written(at, zone, tongue, at.to_zoned(zone.clone()).second() > 0)
}

fn written(at: Timestamp, zone: &TimeZone, tongue: Tongue, in_seconds: bool) -> Moment {
    let local = at.to_zoned(zone.clone());
    let (hour, minute) = (local.hour(), local.minute());
    let offset = local.offset().seconds();
    let (sign, minutes) = (if offset < 0 { '−' } else { '+' }, offset.abs() / 60);
    let mut text = format!("{}, {hour:02}:{minute:02}", day(local.date(), tongue));
    if in_seconds {
        write!(text, ":{:02}", local.second()).expect("a String takes every write");
    }
    text.push_str(" (UTC");
    if minutes > 0 {
        write!(text, "{sign}{}", minutes / 60).expect("a String takes every write");
    }
    if minutes % 60 > 0 {
        write!(text, ":{:02}", minutes % 60).expect("a String takes every write");
    }
    Moment {
        text: text + ")",
        machine: at.to_string(),
    }
}

/// The day alone.
pub fn date(at: Timestamp, zone: &TimeZone, tongue: Tongue) -> Moment {
    Moment {
        text: day(at.to_zoned(zone.clone()).date(), tongue),
        machine: at.to_string(),
    }
}

fn day(date: jiff::civil::Date, tongue: Tongue) -> String {
    let (year, day) = (date.year(), date.day());
    let place = usize::from(date.month().unsigned_abs()) - 1;
    let month = months(tongue).split(' ').nth(place).unwrap_or_default();
    match tongue {
        Tongue::UzbekLatin => format!("{day}-{month}, {year}"),
        Tongue::UzbekCyrillic => format!("{day} {month}, {year}"),
        Tongue::Kyrgyz => format!("{year}-жыл, {day}-{month}"),
        Tongue::Russian => format!("{day} {month} {year} г."),
        Tongue::English => format!("{day} {month} {year}"),
    }
}

const fn months(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::UzbekLatin => {
            "yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr"
        }
        Tongue::UzbekCyrillic => {
            "январ феврал март апрел май июн июл август сентабр октабр ноябр декабр"
        }
        Tongue::Kyrgyz => {
            "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь"
        }
        Tongue::Russian => {
            "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
        }
        Tongue::English => {
            "January February March April May June July August September October November December"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, said) in [
            (0, "0\u{a0}B"),
            (999, "999\u{a0}B"),
            (1_000, "1\u{a0}kB"),
            (4_240_000, "4.2\u{a0}MB"),
            (9_970_000, "10\u{a0}MB"),
            (123_400_000, "123\u{a0}MB"),
            (999_950_000, "1\u{a0}GB"),
            (12_000_000_000_000_000, "12000\u{a0}TB"),
        ] {
            assert_eq!(size(bytes, Tongue::English), said);
        }
        assert_eq!(size(4_240_000, Tongue::Russian), "4,2\u{a0}МБ");
    }

    #[test]
    fn moments_go_by_the_clock_of_the_office() {
        let at: Timestamp = "2026-11-28T20:05:00Z".parse().expect("a time");
        let said = |tongue, hours: i8| {
            let zone = TimeZone::fixed(jiff::tz::offset(hours));
            moment(at, &zone, tongue).text
        };
        assert_eq!(said(Tongue::English, 5), "29 November 2026, 01:05 (UTC+5)");
        assert_eq!(said(Tongue::Russian, 6), "29 ноября 2026 г., 02:05 (UTC+6)");
        assert_eq!(said(Tongue::UzbekLatin, 0), "28-noyabr, 2026, 20:05 (UTC)");
        let kabul = TimeZone::fixed(jiff::tz::Offset::from_seconds(16_200).expect("an offset"));
        let said = moment(at, &kabul, Tongue::Kyrgyz).text;
        assert_eq!(said, "2026-жыл, 29-ноябрь, 00:35 (UTC+4:30)");
        let late: Timestamp = "2026-11-28T20:05:30Z".parse().expect("a time");
        let both = [moment, deadline].map(|say| say(late, &TimeZone::UTC, Tongue::English).text);
        assert_eq!(both[0], "28 November 2026, 20:05 (UTC)");
        assert_eq!(both[1], "28 November 2026, 20:05:30 (UTC)");
    }

    #[test]
    fn durations_are_as_players_show_them() {
        assert_eq!(duration(123_499), "2:03");
        assert_eq!(duration(3_723_000), "1:02:03");
        assert_eq!(duration(-1), "0:00");
    }
}
