//! Conditional requests (RFC 9110 section 13): the lists of `If-Match` and `If-None-Match`, and the one validator of
//! `If-Range`, held against what would be sent. Entity tags are given as the `ETag` header has them, in their quotes.
//! Headers that came several times are joined with commas by the caller (section 5.3).

use jiff::Timestamp;

/// One entity tag (section 8.8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag<'a> {
    pub weak: bool,
    /// What stands between the quotes.
    pub opaque: &'a str,
}

/// The value of `If-Match` or `If-None-Match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tags<'a> {
    Any,
    List(Vec<Tag<'a>>),
}

impl<'a> Tag<'a> {
    /// `None` where the text is not one entity tag and nothing else.
    pub fn parse(text: &'a str) -> Option<Self> {
        take(text.trim_matches([' ', '\t'])).and_then(|(tag, rest)| rest.is_empty().then_some(tag))
    }

    /// Section 8.8.3.2: the same, and neither is weak.
    pub fn strongly(self, other: Self) -> bool {
        !self.weak && !other.weak && self.opaque == other.opaque
    }

    /// Section 8.8.3.2: the same, weak or not.
    pub fn weakly(self, other: Self) -> bool {
        self.opaque == other.opaque
    }
}

impl<'a> Tags<'a> {
    /// `None` where the value is against the grammar: neither `*` nor a list of one tag or more.
    pub fn parse(header: &'a str) -> Option<Self> {
        let mut rest = header.trim_matches([' ', '\t']);
        if rest == "*" {
            return Some(Self::Any);
        }
        let mut tags = Vec::new();
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                return (!tags.is_empty()).then_some(Self::List(tags));
            }
            let (tag, after) = take(rest)?;
            tags.push(tag);
            rest = after.trim_start_matches([' ', '\t']);
            if !rest.is_empty() && !rest.starts_with(',') {
                return None;
            }
        }
    }
}

/// Whether `If-Match` lets the request pass (else 412): strong comparison. `current` is `None` where there is nothing
/// yet. A header against the grammar lets nothing pass: it meant to guard something.
pub fn if_match(header: Option<&str>, current: Option<&str>) -> bool {
    let Some(header) = header else { return true };
    match (Tags::parse(header), current) {
        (Some(Tags::Any), current) => current.is_some(),
        (Some(Tags::List(tags)), Some(current)) => {
            Tag::parse(current).is_some_and(|current| tags.iter().any(|tag| tag.strongly(current)))
        }
        _ => false,
    }
}

/// Whether `If-None-Match` lets the request pass (else 304 to a GET or HEAD, 412 to others): weak comparison. A
/// header against the grammar names nothing that the client has, and lets pass.
pub fn if_none_match(header: Option<&str>, current: Option<&str>) -> bool {
    let Some(header) = header else { return true };
    match (Tags::parse(header), current) {
        (Some(Tags::Any), current) => current.is_none(),
        (Some(Tags::List(tags)), Some(current)) => {
            Tag::parse(current).is_none_or(|current| !tags.iter().any(|tag| tag.weakly(current)))
        }
        _ => true,
    }
}

/// Whether `Range` counts under this `If-Range` (section 13.1.5): the tag by strong comparison, or the very second of
/// `modified`. `modified` is given only where two changes within a second cannot be (section 8.8.2.2).
pub fn if_range(header: Option<&str>, etag: &str, modified: Option<Timestamp>) -> bool {
    let Some(header) = header else { return true };
    if let Some(tag) = Tag::parse(header) {
        return Tag::parse(etag).is_some_and(|current| tag.strongly(current));
    }
    match (date(header), modified) {
        (Some(date), Some(modified)) => date == modified.as_second(),
        _ => false,
    }
}

/// An `HTTP-date` (section 5.6.7) in seconds since 1970.
fn date(text: &str) -> Option<i64> {
    let since = httpdate::parse_http_date(text.trim())
        .ok()?
        .duration_since(std::time::UNIX_EPOCH)
        .ok()?;
    i64::try_from(since.as_secs()).ok()
}

/// The entity tag at the start of the text, and what follows it. A tag may have commas in it.
fn take(text: &str) -> Option<(Tag<'_>, &str)> {
    let (weak, quoted) = text
        .strip_prefix("W/")
        .map_or((false, text), |rest| (true, rest));
    let (opaque, rest) = quoted.strip_prefix('"')?.split_once('"')?;
    let allowed = |byte: u8| byte == b'!' || (b'#'..=b'~').contains(&byte) || byte >= 0x80;
    opaque
        .bytes()
        .all(allowed)
        .then_some((Tag { weak, opaque }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_section_8_8_3_2() {
        let rows = [
            ("W/\"1\"", "W/\"1\"", false, true),
            ("W/\"1\"", "W/\"2\"", false, false),
            ("W/\"1\"", "\"1\"", false, true),
            ("\"1\"", "\"1\"", true, true),
        ];
        for (one, other, strongly, weakly) in rows {
            let (one, other) = (
                Tag::parse(one).expect("a tag"),
                Tag::parse(other).expect("a tag"),
            );
            assert_eq!(
                (one.strongly(other), one.weakly(other)),
                (strongly, weakly),
                "{one:?} {other:?}"
            );
        }
    }

    #[test]
    fn the_examples_of_section_8_8_3() {
        assert_eq!(
            Tag::parse("\"xyzzy\""),
            Some(Tag {
                weak: false,
                opaque: "xyzzy"
            })
        );
        assert_eq!(
            Tag::parse("W/\"xyzzy\""),
            Some(Tag {
                weak: true,
                opaque: "xyzzy"
            })
        );
        assert_eq!(
            Tag::parse("\"\""),
            Some(Tag {
                weak: false,
                opaque: ""
            })
        );
        for wrong in [
            "xyzzy",
            "w/\"xyzzy\"",
            "\"xyzzy",
            "\"a\"b",
            "\"a b\"",
            "\"a\", \"b\"",
            "*",
            "",
        ] {
            assert_eq!(Tag::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn if_match_compares_strongly() {
        let current = Some("\"xyzzy\"");
        assert!(if_match(None, current));
        assert!(if_match(Some("\"xyzzy\""), current));
        assert!(if_match(
            Some("\"xyzzy\", \"r2d2xxxx\", \"c3piozzzz\""),
            current
        ));
        assert!(if_match(Some(" , \"a,b\" ,,\"xyzzy\","), current));
        assert!(if_match(Some("*"), current));
        assert!(!if_match(Some("*"), None));
        assert!(!if_match(Some("\"xyzzy\""), None));
        assert!(!if_match(Some("W/\"xyzzy\""), current));
        assert!(!if_match(Some("\"xyzzy\""), Some("W/\"xyzzy\"")));
        for wrong in [
            "",
            ",",
            "xyzzy",
            "\"xyzzy\" \"a\"",
            "*, \"xyzzy\"",
            "\"xyzzy\", a",
        ] {
            assert!(!if_match(Some(wrong), current), "{wrong}");
        }
    }

    #[test]
    fn if_none_match_compares_weakly() {
        let current = Some("\"xyzzy\"");
        assert!(if_none_match(None, current));
        assert!(!if_none_match(Some("\"xyzzy\""), current));
        assert!(!if_none_match(Some("W/\"xyzzy\""), current));
        assert!(!if_none_match(
            Some("W/\"xyzzy\", W/\"r2d2xxxx\", W/\"c3piozzzz\""),
            current
        ));
        assert!(!if_none_match(Some("\"xyzzy\""), Some("W/\"xyzzy\"")));
        assert!(!if_none_match(Some("*"), current));
        assert!(if_none_match(Some("*"), None));
        assert!(if_none_match(Some("\"other\""), current));
        assert!(if_none_match(Some("xyzzy"), current));
    }

    #[test]
    fn if_range_takes_a_strong_tag_or_the_very_second() {
        let modified = "1994-11-15T12:45:26.7Z".parse().ok();
        assert!(if_range(None, "\"a\"", None));
        assert!(if_range(Some("\"a\""), "\"a\"", None));
        assert!(!if_range(Some("\"b\""), "\"a\"", None));
        assert!(!if_range(Some("W/\"a\""), "\"a\"", None));
        assert!(!if_range(Some("W/\"a\""), "W/\"a\"", None));
        assert!(!if_range(Some("\"a\""), "W/\"a\"", None));
        assert!(!if_range(Some("\"a\", \"b\""), "\"a\"", None));
        assert!(!if_range(Some("*"), "\"a\"", None));
        assert!(if_range(
            Some("Tue, 15 Nov 1994 12:45:26 GMT"),
            "\"a\"",
            modified
        ));
        assert!(if_range(
            Some("Tuesday, 15-Nov-94 12:45:26 GMT"),
            "\"a\"",
            modified
        ));
        assert!(!if_range(
            Some("Tue, 15 Nov 1994 12:45:27 GMT"),
            "\"a\"",
            modified
        ));
        assert!(!if_range(
            Some("Tue, 15 Nov 1994 12:45:26 GMT"),
            "\"a\"",
            None
        ));
        assert!(!if_range(Some("yesterday"), "\"a\"", modified));
    }
}
