//! The vocabularies that every office begins with, each code with its name in the five languages.

type Label = [(&'static str, &'static str); 5];

const fn label(
    uz_latn: &'static str,
    uz_cyrl: &'static str,
    ky: &'static str,
    ru: &'static str,
    en: &'static str,
) -> Label {
    [
        ("uz-Latn", uz_latn),
        ("uz-Cyrl", uz_cyrl),
        ("ky", ky),
        ("ru", ru),
        ("en", en),
    ]
}

pub const FIRST_UNIT: Label = label(
    "Axborot xizmati",
    "Ахборот хизмати",
    "Маалымат кызматы",
    "Пресс-служба",
    "Press service",
);

pub const VOCABULARIES: &[(&str, &[(&str, Label)])] = &[
    ("audiences", AUDIENCES),
    (super::vocabularies::EVENT_KINDS, EVENT_KINDS),
    ("genres", GENRES),
];

const AUDIENCES: &[(&str, Label)] = &[
    (
        "public",
        label(
            "Hamma uchun",
            "Ҳамма учун",
            "Баары үчүн",
            "Для всех",
            "Public",
        ),
    ),
    (
        "press",
        label("Matbuot", "Матбуот", "Басма сөз", "Пресса", "Press"),
    ),
    (
        "partners",
        label(
            "Hamkorlar",
            "Ҳамкорлар",
            "Өнөктөштөр",
            "Партнёры",
            "Partners",
        ),
    ),
];

const EVENT_KINDS: &[(&str, Label)] = &[
    (
        "press_conference",
        label(
            "Matbuot anjumani",
            "Матбуот анжумани",
            "Пресс-конференция",
            "Пресс-конференция",
            "Press conference",
        ),
    ),
    (
        "briefing",
        label("Brifing", "Брифинг", "Брифинг", "Брифинг", "Briefing"),
    ),
    (
        "media_tour",
        label(
            "Media-tur",
            "Медиа-тур",
            "Медиа-тур",
            "Медиатур",
            "Media tour",
        ),
    ),
    (
        "round_table",
        label(
            "Davra suhbati",
            "Давра суҳбати",
            "Тегерек стол",
            "Круглый стол",
            "Round table",
        ),
    ),
    (
        "visit",
        label(
            "Tashrif",
            "Ташриф",
            "Иш сапар менен келүү",
            "Визит",
            "Visit",
        ),
    ),
    (
        "trip",
        label("Safar", "Сафар", "Иш сапары", "Поездка", "Trip"),
    ),
    (
        "meeting",
        label("Uchrashuv", "Учрашув", "Жолугушуу", "Встреча", "Meeting"),
    ),
    (
        "interview",
        label("Intervyu", "Интервью", "Интервью", "Интервью", "Interview"),
    ),
    (
        "other",
        label("Boshqa", "Бошқа", "Башка", "Другое", "Other"),
    ),
];

const GENRES: &[(&str, Label)] = &[
    (
        "press_release",
        label(
            "Press-reliz",
            "Пресс-релиз",
            "Пресс-релиз",
            "Пресс-релиз",
            "Press release",
        ),
    ),
    (
        "announcement",
        label("Eʼlon", "Эълон", "Жарыя", "Анонс", "Announcement"),
    ),
    (
        "statement",
        label("Bayonot", "Баёнот", "Билдирүү", "Заявление", "Statement"),
    ),
    (
        "speech",
        label("Nutq", "Нутқ", "Сөз", "Выступление", "Speech"),
    ),
    (
        "interview",
        label("Intervyu", "Интервью", "Интервью", "Интервью", "Interview"),
    ),
    (
        "article",
        label("Maqola", "Мақола", "Макала", "Статья", "Article"),
    ),
    (
        "report",
        label("Hisobot", "Ҳисобот", "Отчёт", "Отчёт", "Report"),
    ),
    (
        "infographic",
        label(
            "Infografika",
            "Инфографика",
            "Инфографика",
            "Инфографика",
            "Infographic",
        ),
    ),
    (
        "booklet",
        label("Buklet", "Буклет", "Буклет", "Буклет", "Booklet"),
    ),
    (
        "slide_deck",
        label(
            "Taqdimot",
            "Тақдимот",
            "Презентация",
            "Презентация",
            "Slide deck",
        ),
    ),
    (
        "draft_regulation",
        label(
            "Qaror loyihasi",
            "Қарор лойиҳаси",
            "Токтомдун долбоору",
            "Проект постановления",
            "Draft regulation",
        ),
    ),
    (
        "regulation",
        label("Qaror", "Қарор", "Токтом", "Постановление", "Regulation"),
    ),
    (
        "news_photo",
        label(
            "Xabar surati",
            "Хабар сурати",
            "Кабар сүрөтү",
            "Новостная фотография",
            "News photo",
        ),
    ),
    (
        "portrait",
        label("Portret", "Портрет", "Портрет", "Портрет", "Portrait"),
    ),
    (
        "news_footage",
        label(
            "Xabar tasviri",
            "Хабар тасвири",
            "Кабар тасмасы",
            "Новостная съёмка",
            "News footage",
        ),
    ),
    ("film", label("Film", "Фильм", "Тасма", "Фильм", "Film")),
    (
        "broadcast_recording",
        label(
            "Efir yozuvi",
            "Эфир ёзуви",
            "Эфир жазуусу",
            "Запись эфира",
            "Broadcast recording",
        ),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_plain_and_stands_once() {
        for (name, codes) in VOCABULARIES {
            let mut seen = std::collections::HashSet::new();
            for (code, label) in *codes {
                assert!(
                    code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
                    "{name} {code}"
                );
                assert!(seen.insert(code), "{name} {code}");
                assert!(
                    label.iter().all(|(_, text)| !text.is_empty()),
                    "{name} {code}"
                );
            }
        }
    }
}
