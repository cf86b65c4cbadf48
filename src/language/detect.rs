//! Which language a text is in: Uzbek in both alphabets, Kyrgyz, Russian and English are told, everything else is left
//! open rather than guessed. By trigrams of letters, folded to what every keyboard has, so that Uzbek without ў қ ғ ҳ and
//! without apostrophes is still Uzbek; and by the letters that an alphabet does not have. Where the table comes from
//! says `benches/languages/train`.

use std::{collections::HashMap, sync::LazyLock};

use super::{Language, alphabet::is_cyrillic};

/// So much of a text is looked at, in characters.
const LOOKED_AT: usize = 20_000;
/// No word of these languages is longer, in letters.
const LONGEST_WORD: usize = 40;
/// Fewer trigrams say nothing.
const FEWEST: u32 = 8;
// All in the table's unit, half of the natural logarithm's.
/// What a trigram counts that the table does not have.
const UNSEEN: i32 = 3;
/// What a letter costs that is not of the alphabet, once a word: only a name or a quotation has one.
const FOREIGN: i32 = 12;
/// What the neighbours' languages, rare in this archive, start with.
const RARE: i32 = -10;
/// By how much the best must lead.
const LEAD: i32 = 6;
/// What a trigram counts on average in a text of a language that is known.
const PLAUSIBLE: f64 = 5.4;

/// Those that are told, with how the tag is written.
const NAMED: [&str; 5] = ["uz-Latn", "uz-Cyrl", "ky", "ru", "en"];

/// Letters beyond the Russian alphabet, and beyond a to z, by language.
const LETTERS: [(&str, &str); 33] = [
    ("uz-Cyrl", "ўқғҳ"),
    ("ky", "ңөү"),
    ("kk", "әғқңөұүһі"),
    ("tg", "ӣӯҷҳқғ"),
    ("tt", "әөүҗңһ"),
    ("ba", "әөүҙҡңһҫғ"),
    ("uk", "іїєґ"),
    ("be", "ўі"),
    ("mn", "өү"),
    ("cv", "ӑӗҫӳ"),
    ("sah", "ҕҥөһү"),
    ("kaa-Cyrl", "әғқңөүўҳ"),
    ("tk-Cyrl", "әҗңөү"),
    ("az-Cyrl", "әғҝөүҹһј"),
    ("sr-Cyrl", "ђјљњћџ"),
    ("mk", "ѓѕјљњќџ"),
    ("kaa-Latn", "áǵıńóú"),
    ("tr", "çğıöşüâîû"),
    ("tk", "çäžňöşüý"),
    ("az", "çəğıöşü"),
    ("crh", "çğıñöşüâ"),
    ("gag", "çäêıöşüţ"),
    ("de", "äöüß"),
    ("fr", "àâçéèêëîïôùûœ"),
    ("es", "áéíñóúü"),
    ("it", "àèéìòù"),
    ("pl", "ąćęłńóśźż"),
    ("pt", "áâãàçéêíóôõú"),
    ("cs", "áčďéěíňóřšťúůýž"),
    ("sv", "åäö"),
    ("fi", "äö"),
    ("hu", "áéíóöőúüű"),
    ("sq", "ëç"),
];

/// The trigrams of each language, and what each counts there.
struct Table {
    languages: Vec<&'static str>,
    weights: HashMap<[char; 3], Vec<(usize, i32)>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(include_str!("trigrams.txt")));

impl Table {
    fn read(text: &'static str) -> Self {
        let mut table = Self {
            languages: Vec::new(),
            weights: HashMap::new(),
        };
        // The first line says where the table comes from.
        for line in text.lines().skip(1) {
            if let Some(language) = line.strip_prefix("# ") {
                table.languages.push(language);
                continue;
            }
            let mut words = line.split(' ');
            let weight = words.next().and_then(|weight| weight.parse().ok());
            let place = table.languages.len() - 1;
            for word in words {
                let mut letters = word.chars();
                if let (Some(weight), Some(a), Some(b), Some(c)) =
                    (weight, letters.next(), letters.next(), letters.next())
                {
                    let of = table.weights.entry([a, b, c]).or_default();
                    of.push((place, weight));
                }
            }
        }
        table
    }
}

/// How much a text in Cyrillic letters looks like a language that is known, for choosing between code pages: none where
/// most of its letters are not Cyrillic.
pub fn cyrillic_likeness(text: &str) -> Option<i32> {
    let words = words(text);
    let is_cyrillic_word = |word: &String| word.chars().all(is_cyrillic);
    if words.is_empty() || !words.iter().any(is_cyrillic_word) {
        return None;
    }
    let (scores, _) = scores(&words);
    scores.into_iter().max()
}

/// The language that a text is in, where that is sure.
pub fn detect(text: &str) -> Option<Language> {
    let words = words(text);
    let (scores, count) = scores(&words);
    if count < FEWEST {
        return None;
    }
    let (best, most) = highest(&scores, None)?;
    let (_, second) = highest(&scores, Some(best))?;
    let average = f64::from(most) / f64::from(count) + f64::from(UNSEEN);
    let name = TABLE.languages[best];
    let sure = NAMED.contains(&name) && most - second >= LEAD && average >= PLAUSIBLE;
    sure.then(|| Language::parse(name).ok()).flatten()
}

/// What each language of the table says to the words, and how many trigrams they have.
fn scores(words: &[String]) -> (Vec<i32>, u32) {
    let table = &*TABLE;
    let mut scores = vec![0_i32; table.languages.len()];
    let mut count = 0_u32;
    for word in words {
        let folded: Vec<char> = std::iter::once('_')
            .chain(word.chars().map(fold))
            .chain(['_'])
            .collect();
        for trigram in folded.windows(3) {
            count += 1;
            let found = table.weights.get(&[trigram[0], trigram[1], trigram[2]]);
            for (place, weight) in found.into_iter().flatten() {
                scores[*place] += weight - UNSEEN;
            }
        }
    }
    for (place, language) in table.languages.iter().enumerate() {
        scores[place] -= FOREIGN * foreign(words, language);
        if !NAMED.contains(language) {
            scores[place] += RARE;
        }
    }
    (scores, count)
}

fn highest(scores: &[i32], but: Option<usize>) -> Option<(usize, i32)> {
    let rest = scores.iter().copied().enumerate();
    rest.filter(|(place, _)| Some(*place) != but)
        .max_by_key(|(_, score)| *score)
}

/// The words in the script that most letters are of, in lower case, without apostrophes.
fn words(text: &str) -> Vec<String> {
    let text: String = text
        .chars()
        .take(LOOKED_AT)
        .collect::<String>()
        .to_lowercase();
    let (mut cyrillic, mut latin) = (0_usize, 0_usize);
    for letter in text.chars() {
        cyrillic += usize::from(is_cyrillic(letter));
        latin += usize::from(is_latin(letter));
    }
    let ours = if cyrillic >= latin {
        is_cyrillic
    } else {
        is_latin
    };
    let bare: String = text.chars().filter(|sign| !is_apostrophe(*sign)).collect();
    let words = bare.split(|sign: char| !sign.is_alphabetic());
    words
        .filter(|word| word.chars().next().is_some_and(ours))
        .filter(|word| word.chars().nth(LONGEST_WORD).is_none())
        .map(str::to_owned)
        .collect()
}

/// How many words have letters that are not of the language's alphabet, each letter once.
fn foreign(words: &[String], language: &str) -> i32 {
    let own = LETTERS
        .iter()
        .find(|(name, _)| *name == language)
        .map_or("", |(_, letters)| *letters);
    let mut count = 0;
    for word in words {
        let mut seen = Vec::new();
        for letter in word.chars() {
            let common = letter.is_ascii_lowercase() || matches!(letter, 'а'..='я' | 'ё');
            if !common && !own.contains(letter) && !seen.contains(&letter) {
                seen.push(letter);
                count += 1;
            }
        }
    }
    count
}

/// A letter as a keyboard has it that lacks it.
const fn fold(letter: char) -> char {
    match letter {
        'ў' | 'ү' => 'у',
        'қ' => 'к',
        'ғ' => 'г',
        'ҳ' => 'х',
        'ө' => 'о',
        'ң' => 'н',
        'ё' => 'е',
        'á' => 'a',
        'ǵ' => 'g',
        'ı' => 'i',
        'ń' => 'n',
        'ó' => 'o',
        'ú' => 'u',
        other => other,
    }
}

const fn is_latin(letter: char) -> bool {
    matches!(letter, 'a'..='z' | '\u{c0}'..='\u{24f}')
}

const fn is_apostrophe(sign: char) -> bool {
    matches!(
        sign,
        '\'' | '`' | '´' | '‘' | '’' | 'ʻ' | 'ʼ' | '′' | '\u{ad}'
    )
}

#[cfg(test)]
mod tests {
    use super::detect;

    fn told(text: &str) -> Option<String> {
        detect(text).map(String::from)
    }

    #[test]
    fn headlines_of_five_words_are_told_apart() {
        for (language, headlines) in [
            (
                "uz-Latn",
                &[
                    "Toshkentda yangi metro bekati ochildi",
                    "Hokim yoshlar bilan ochiq muloqot oʻtkazdi",
                    "Ozbekistonda suv tanqisligi muhokama qilindi",
                    "Mahalla raislari uchun o`quv kursi boshlandi",
                    "Viloyatda g’alla o'rimi yakunlandi",
                ][..],
            ),
            (
                "uz-Cyrl",
                &[
                    "Тошкентда янги метро бекати очилди",
                    "Ҳоким ёшлар билан очиқ мулоқот ўтказди",
                    "Утказилган йигилишда мухокама килинган масалалар",
                    "Хокимият ахолининг мурожаатларини куриб чикди",
                ],
            ),
            (
                "ky",
                &[
                    "Бишкекте жаңы жол ачылды",
                    "Мэр шаардыктар менен жолугушту",
                    "Маданият министрлиги майрам өткөрөт",
                    "Шаарда абанын сапаты начарлады",
                    "Мектептерде окуу жылы башталды",
                    "Бюджет жонундо маалымат берилди, бутун суроолорго жооп",
                ],
            ),
            (
                "ru",
                &[
                    "В Бишкеке открыли новую дорогу",
                    "Мэр встретился с жителями города",
                    "Пожар на рынке потушен полностью",
                    "Электричество отключат на два часа",
                ],
            ),
            (
                "en",
                &[
                    "New road opened in Bishkek",
                    "Mayor meets residents of the city",
                    "Press briefing on water supply",
                ],
            ),
        ] {
            for headline in headlines {
                assert_eq!(told(headline).as_deref(), Some(language), "{headline}");
            }
        }
    }

    #[test]
    fn a_word_without_end_says_nothing() {
        let noise: String = ('\u{4e00}'..).take(20_000).collect();
        let text = format!("б{noise} Тошкентда янги метро бекати очилди");
        assert_eq!(told(&text), None);
        let text = format!("Тошкентда янги метро бекати очилди {}", "б".repeat(1000));
        assert_eq!(told(&text).as_deref(), Some("uz-Cyrl"));
    }

    #[test]
    fn neighbours_are_left_open() {
        for text in [
            "Қазақстан Республикасының Президенті жаңа заңға қол қойды",
            "Президенти Ҷумҳурии Тоҷикистон бо вазири корҳои хориҷӣ мулоқот кард",
            "Cumhurbaşkanı yarın yeni hastanenin açılışına katılacak",
            "Qaraqalpaqstan Respublikasında jańa mektepler ashıldı hám oqıwshılar qabıl etildi",
            "Prezident täze mekdebiň açylyş dabarasyna gatnaşdy we talyplar bilen duşuşdy",
            "Міністерство оголосило про початок ремонту доріг у столиці",
            "Der Minister eröffnete gestern eine neue Schule in der Stadt",
            "Министърът откри вчера ново училище в града",
            "Ерөнхийлөгч өчигдөр шинэ сургууль нээлээ",
            "Татарстанда яңа мәктәпләр ачылды",
            "大统领 新学校",
            "12345 67 %",
            "",
            "xyz qwrt zzxx kjhgf pqpq wwvv",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
