//! `README.txt`: the kit in words for whoever unpacks it, once in each of its languages. UTF-8, CRLF, times by the
//! clock of the office with their offset.

use bytes::Bytes;

use super::{GoneText, ItemText, KitText, Local, called, labels::Labels};
use crate::{
    language::{Language, Texts},
    terms::Contact,
};

const INDENT: &str = "    ";
const BETWEEN_LANGUAGES: &str = "================================================================";

/// The lines of one language.
struct Page {
    labels: &'static Labels,
    /// Whose text to take: the page's own language, which is also had of its other script, then the kit's others.
    preferred: Vec<Language>,
    lines: Vec<String>,
}

/// The kit's title, summary, event, contact and embargo, and each file with its caption, credit and terms of usage. What
/// is not there in one language is taken from another; what is not there at all is left out.
pub fn readme(kit: &KitText) -> Bytes {
    let languages = kit.languages();
    let pages: Vec<_> = languages
        .iter()
        .map(|language| page(kit, language, &languages))
        .collect();
    let between = format!("\r\n{BETWEEN_LANGUAGES}\r\n\r\n");
    pages.join(&between).into()
}

fn page(kit: &KitText, language: &Language, languages: &[Language]) -> String {
    let mut preferred = languages.to_vec();
    preferred.sort_by_key(|other| (other != language, spoken(other) != spoken(language)));
    let mut page = Page {
        labels: Labels::of(language),
        preferred,
        lines: Vec::new(),
    };
    page.head(kit);
    for item in &kit.items {
        page.item(item);
    }
    page.gone(&kit.withdrawn);
    page.lines
        .iter()
        .flat_map(|line| [line.as_str(), "\r\n"])
        .collect()
}

/// The language less its script and region: `uz` of `uz-Cyrl`.
fn spoken(language: &Language) -> &str {
    language.as_str().split('-').next().unwrap_or_default()
}

impl Page {
    fn head(&mut self, kit: &KitText) {
        let labels = self.labels;
        if let Some(title) = kit.title.spoken(&self.preferred) {
            self.text(&title, "");
            self.lines
                .push("-".repeat(title.chars().count().min(BETWEEN_LANGUAGES.len())));
        }
        let held = kit.held().map(|(first, last)| {
            let (first, last) = (first.deadline(), last.deadline());
            if first == last {
                first
            } else {
                format!("{first} … {last}")
            }
        });
        self.said(labels.embargo, held.as_deref(), "");
        if let Some(summary) = kit.summary.spoken(&self.preferred) {
            self.lines.push(String::new());
            self.text(&summary, "");
            self.lines.push(String::new());
        }
        self.told(labels.event, &kit.event, "");
        self.said(
            labels.contact,
            kit.contact.as_ref().map(reach).as_deref(),
            "",
        );
        self.said(labels.page, kit.page_url.as_deref(), "");
        self.lines.extend([
            String::new(),
            format!("{} ({})", labels.files, kit.items.len()),
        ]);
        self.lines.push(labels.captions.to_owned());
    }

    fn item(&mut self, item: &ItemText) {
        let labels = self.labels;
        self.lines.extend([String::new(), item.path.clone()]);
        self.until(labels.embargo, item.embargo_until, INDENT);
        for correction in &item.corrections {
            let label = format!("{} ({})", labels.corrected, correction.at.shown(false));
            match correction.note.spoken(&self.preferred) {
                Some(note) => self.text(&format!("{label}: {note}"), INDENT),
                None => self.text(&label, INDENT),
            }
        }
        for texts in [&item.headline, &item.caption] {
            if let Some(text) = texts.spoken(&self.preferred) {
                self.text(&text, INDENT);
            }
        }
        let persons: Vec<_> = item
            .persons
            .iter()
            .filter_map(|person| called(person, &self.preferred))
            .collect();
        self.said(labels.persons, Some(&persons.join("; ")), INDENT);
        self.told(labels.place, &item.place, INDENT);
        let taken = item.taken_at.map(|at| at.shown(false));
        self.said(labels.taken_at, taken.as_deref(), INDENT);
        self.said(labels.creator, item.creator.as_deref(), INDENT);
        self.said(labels.credit, item.credit.as_deref(), INDENT);
        self.said(labels.source, item.source.as_deref(), INDENT);
        self.told(labels.copyright, &item.copyright, INDENT);
        self.told(labels.usage_terms, &item.usage_terms, INDENT);
        self.told(labels.note, &item.note, INDENT);
    }

    /// By the numbers that their files had.
    fn gone(&mut self, withdrawn: &[GoneText]) {
        if withdrawn.is_empty() {
            return;
        }
        self.lines
            .extend([String::new(), self.labels.withdrawn.to_owned()]);
        for gone in withdrawn {
            let at = gone
                .withdrawn_at
                .map(|at| at.shown(false))
                .unwrap_or_default();
            let notice = gone.notice.spoken(&self.preferred).unwrap_or_default();
            let line = format!("{:02}  {at}  {notice}", gone.number);
            self.text(&line, INDENT);
        }
    }

    fn told(&mut self, label: &str, texts: &Texts, indent: &str) {
        let text = texts.spoken(&self.preferred);
        self.said(label, text.as_deref(), indent);
    }

    fn until(&mut self, label: &str, at: Option<Local>, indent: &str) {
        self.said(label, at.map(Local::deadline).as_deref(), indent);
    }

    fn said(&mut self, label: &str, text: Option<&str>, indent: &str) {
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            self.text(&format!("{label}: {text}"), indent);
        }
    }

    fn text(&mut self, text: &str, indent: &str) {
        let text = text.trim().replace("\r\n", "\n");
        self.lines.extend(
            text.split(['\n', '\r'])
                .map(|line| format!("{indent}{line}")),
        );
    }
}

fn reach(contact: &Contact) -> String {
    let name = Some(&contact.name).filter(|name| !name.is_empty());
    let parts = [name, contact.phone.as_ref(), contact.email.as_ref()];
    let said: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    said.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::texts::tests::kit;

    fn read(kit: &KitText) -> String {
        String::from_utf8(readme(kit).to_vec()).expect("UTF-8")
    }

    #[test]
    fn each_language_has_a_page_of_its_own() {
        let text = read(&kit());
        let (uzbek, russian) = text.split_once(BETWEEN_LANGUAGES).expect("two pages");
        let expected = [
            "Брифинг акима",
            "-------------",
            "ЭМБАРГО, не публиковать до: 2026-11-04 14:00 (UTC+05:00)",
            "",
            "Первая строка",
            "вторая",
            "",
            "Контакты: +998 71 000-00-00",
            "",
            "Файлы (1)",
            "Подписи есть также в файлах captions.csv и captions.json.",
            "",
            "Брифинг/01 Ҳоким.jpg",
            "    ЭМБАРГО, не публиковать до: 2026-11-04 14:00 (UTC+05:00)",
            "    Исправлено (2026-11-03 17:00 (UTC+05:00)): Имя исправлено",
            "    Ҳоким жавоб берди",
            "    Подпись",
            "    На снимке или записи: Рахмонов, аким; Хушев",
            "    Время съёмки или записи: 2026-11-03 14:15 (UTC+05:00)",
            "    Автор: @botir",
            "    Указывать при публикации: Ахборот хизмати",
            "    Авторское право: © Пресс-служба",
            "    Условия использования: Free with credit",
            "",
            "Отозвано, больше не использовать",
            "    02  2026-11-03 17:00 (UTC+05:00)  Другой человек",
            "",
        ];
        assert_eq!(russian.trim_start(), expected.join("\r\n"));
        assert!(
            uzbek.starts_with("Ҳоким брифинги\r\n--------------\r\n"),
            "{uzbek}"
        );
        assert!(
            uzbek.contains("    Биринчи қатор,\r\n    иккинчи \"қатор\"\r\n"),
            "{uzbek}"
        );
    }

    #[test]
    fn lines_end_alike_whatever_was_written() {
        let mut one = kit();
        one.items[0].caption = Texts::from([("ru", "a\nb\r\nc\rd")]);
        assert!(!read(&one).replace("\r\n", "").contains(['\r', '\n']));
    }

    #[test]
    fn another_script_is_turned_into_the_page_s_own() {
        let mut one = kit();
        one.title = Texts::from([("uz-Cyrl", "b"), ("en", "c"), ("ru", "d")]);
        one.items[0].headline = Texts::from([
            ("uz-Latn", "lotincha"),
            ("en", "english"),
            ("ru", "русский"),
        ]);
        let text = read(&one);
        let cyrillic = text
            .split(BETWEEN_LANGUAGES)
            .next()
            .expect("the first page");
        assert!(
            cyrillic.contains("Файллар") && cyrillic.contains("лотинча"),
            "{cyrillic}"
        );
    }
}
