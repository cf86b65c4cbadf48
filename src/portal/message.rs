//! Pages that say why there is nothing to see: what never was and what is closed look the same; what was taken back says
//! so; and the form that asks for a link's password, which tells nothing of the kit.

use askama::Template;

use super::{Page, Reader, frame::Frame, rendered, tongue::Said};
use crate::{
    error::{Code, Error, Result},
    language::Texts,
    patch,
};

#[derive(Template)]
#[template(path = "message.html", config = "src/portal/askama.toml")]
struct MessagePage {
    frame: Frame,
    heading: &'static str,
    says: Vec<Said>,
    /// What stands in the place of what was withdrawn.
    instead: Option<String>,
}

#[derive(Template)]
#[template(path = "password.html", config = "src/portal/askama.toml")]
struct PasswordPage {
    frame: Frame,
    action: String,
    fault: Option<String>,
}

/// What a visitor is told of a failure; `things` is where what is named in it has its pages, such as `kits`, where it has
/// some.
pub fn failure(reader: &Reader, error: &Error, things: Option<&str>) -> Result<Page> {
    let tongue = reader.tongue([]);
    let words = tongue.words();
    let plain = |text: &str| Said {
        text: text.to_owned(),
        lang: None,
    };
    let (heading, mut says) = match error.code() {
        Some(Code::NotFound) => (words.missing, vec![plain(words.missing_says)]),
        Some(Code::Withdrawn) => (words.withdrawn, Vec::new()),
        Some(Code::TooManyRequests) => {
            (words.needs_password, vec![plain(&too_often(error, reader))])
        }
        Some(Code::Busy) | None => (words.trouble, vec![plain(words.trouble_says)]),
        Some(_) => (words.bad_request, Vec::new()),
    };
    let mut instead = None;
    if let Error::Refused(refusal) = error {
        let notice = refusal.extra.get("notice").map(patch::read::<Texts>);
        says.extend(notice.and_then(|notice| tongue.say(&notice.ok()?)));
        if error.code() == Some(Code::Withdrawn) {
            let of_one = reader.path.contains("/materials/");
            says.push(plain(if of_one {
                words.withdrawn_says
            } else {
                words.kit_withdrawn_says
            }));
            let other = refusal.extra.get("replaced_by").and_then(|id| id.as_str());
            let other = other.zip(things);
            instead = other.map(|(id, things)| reader.to(&format!("/{things}/{id}"), &[]));
        }
    }
    let page = MessagePage {
        frame: Frame::new(reader, tongue, heading.to_owned()),
        heading,
        says,
        instead,
    };
    rendered(&page, tongue)
}

/// The form that asks for a password, and what was wrong with the last one.
pub fn password(reader: &Reader, fault: Option<&Error>, is_wrong: bool) -> Result<Page> {
    let tongue = reader.tongue([]);
    let words = tongue.words();
    let is_slowed = |error: &Error| error.code() == Some(Code::TooManyRequests);
    let fault = match fault {
        Some(error) if is_slowed(error) => Some(too_often(error, reader)),
        Some(_) => Some(words.trouble_says.to_owned()),
        None => is_wrong.then(|| words.wrong.to_owned()),
    };
    let mut frame = Frame::new(reader, tongue, words.needs_password.to_owned());
    frame.card = vec![
        ("og:type", "website".into()),
        ("og:title", words.kit.into()),
    ];
    let page = PasswordPage {
        action: reader.to(&reader.path, &[]),
        frame,
        fault,
    };
    rendered(&page, tongue)
}

fn too_often(error: &Error, reader: &Reader) -> String {
    let words = reader.tongue([]).words();
    let Error::Refused(refusal) = error else {
        return words.trouble_says.to_owned();
    };
    let seconds = refusal
        .extra
        .get("retry_after")
        .and_then(serde_json::Value::as_u64);
    let minutes = seconds.unwrap_or(60).div_ceil(60);
    format!("{} {minutes}", words.too_often)
}
