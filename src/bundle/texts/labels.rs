//! The words around the texts of a `README.txt`, in the five languages of the offices.

use crate::language::Language;

/// In the order in which a document of several languages speaks them.
pub(super) const LANGUAGES: [&str; 5] = ["uz-Latn", "uz-Cyrl", "ky", "ru", "en"];

pub(super) struct Labels {
    pub event: &'static str,
    pub contact: &'static str,
    pub page: &'static str,
    pub embargo: &'static str,
    pub files: &'static str,
    pub captions: &'static str,
    pub note: &'static str,
    pub creator: &'static str,
    pub credit: &'static str,
    pub source: &'static str,
    pub copyright: &'static str,
    pub usage_terms: &'static str,
    pub persons: &'static str,
    pub place: &'static str,
    pub taken_at: &'static str,
    pub corrected: &'static str,
    pub withdrawn: &'static str,
}

impl Labels {
    /// In another language than the five: in English.
    pub(super) fn of(language: &Language) -> &'static Self {
        match language.as_str() {
            "uz-Latn" => &UZBEK_LATIN,
            "uz-Cyrl" => &UZBEK_CYRILLIC,
            "ky" => &KYRGYZ,
            "ru" => &RUSSIAN,
            _ => &ENGLISH,
        }
    }
}

const UZBEK_LATIN: Labels = Labels {
    event: "Tadbir",
    contact: "Aloqa uchun",
    page: "Sahifa",
    embargo: "EMBARGO, shu vaqtgacha eʼlon qilinmasin",
    files: "Fayllar",
    captions: "Izohlar captions.csv va captions.json fayllarida ham bor.",
    note: "Eslatma",
    creator: "Muallif",
    credit: "Eʼlon qilishda koʻrsatilsin",
    source: "Manba",
    copyright: "Mualliflik huquqi",
    usage_terms: "Foydalanish shartlari",
    persons: "Tasvirda",
    place: "Joy",
    taken_at: "Olingan vaqti",
    corrected: "Tuzatilgan",
    withdrawn: "Qaytarib olingan, boshqa foydalanilmasin",
};

const UZBEK_CYRILLIC: Labels = Labels {
    event: "Тадбир",
    contact: "Алоқа учун",
    page: "Саҳифа",
    embargo: "ЭМБАРГО, шу вақтгача эълон қилинмасин",
    files: "Файллар",
    captions: "Изоҳлар captions.csv ва captions.json файлларида ҳам бор.",
    note: "Эслатма",
    creator: "Муаллиф",
    credit: "Эълон қилишда кўрсатилсин",
    source: "Манба",
    copyright: "Муаллифлик ҳуқуқи",
    usage_terms: "Фойдаланиш шартлари",
    persons: "Тасвирда",
    place: "Жой",
    taken_at: "Олинган вақти",
    corrected: "Тузатилган",
    withdrawn: "Қайтариб олинган, бошқа фойдаланилмасин",
};

const KYRGYZ: Labels = Labels {
    event: "Иш-чара",
    contact: "Байланыш",
    page: "Барак",
    embargo: "ЭМБАРГО, бул убакытка чейин жарыяланбасын",
    files: "Файлдар",
    captions: "Түшүндүрмөлөр captions.csv жана captions.json файлдарында да бар.",
    note: "Эскертүү",
    creator: "Автору",
    credit: "Жарыялоодо көрсөтүлсүн",
    source: "Булагы",
    copyright: "Автордук укук",
    usage_terms: "Колдонуу шарттары",
    persons: "Сүрөттө",
    place: "Жери",
    taken_at: "Тартылган убактысы",
    corrected: "Оңдолгон",
    withdrawn: "Кайтарылып алынган, мындан ары колдонулбасын",
};

const RUSSIAN: Labels = Labels {
    event: "Мероприятие",
    contact: "Контакты",
    page: "Страница",
    embargo: "ЭМБАРГО, не публиковать до",
    files: "Файлы",
    captions: "Подписи есть также в файлах captions.csv и captions.json.",
    note: "Примечание",
    creator: "Автор",
    credit: "Указывать при публикации",
    source: "Источник",
    copyright: "Авторское право",
    usage_terms: "Условия использования",
    persons: "На снимке или записи",
    place: "Место",
    taken_at: "Время съёмки или записи",
    corrected: "Исправлено",
    withdrawn: "Отозвано, больше не использовать",
};

const ENGLISH: Labels = Labels {
    event: "Event",
    contact: "Contact",
    page: "Page",
    embargo: "EMBARGO, not for publication before",
    files: "Files",
    captions: "The captions are also in captions.csv and captions.json.",
    note: "Note",
    creator: "Creator",
    credit: "Credit line",
    source: "Source",
    copyright: "Copyright",
    usage_terms: "Usage terms",
    persons: "Shown",
    place: "Place",
    taken_at: "Taken at",
    corrected: "Corrected",
    withdrawn: "Withdrawn, not to be used any longer",
};
