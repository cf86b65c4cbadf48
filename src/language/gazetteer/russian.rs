//! The cases of a Russian name, and its adjective. A stem would not do: `росс` and `мал` are what Snowball leaves of
//! Россия and Мали, and of much else.

/// The last is that of `узбекско-кыргызский`.
const ADJECTIVE: [&str; 13] = [
    "ий", "ого", "ому", "им", "ом", "ая", "ой", "ую", "ое", "ие", "их", "ими", "о",
];
/// Of those who live there: `андижанцы`.
const PEOPLE: [&str; 7] = ["ец", "ца", "цу", "цы", "цев", "цам", "цами"];

/// Endings of names, the longer first, and what may stand in their place.
const CASES: [(&str, &[&str]); 14] = [
    ("ия", &["ия", "ии", "ию", "ией", "ий", "иям", "иями", "иях"]),
    ("ая", &["ая", "ой", "ую"]),
    ("яя", &["яя", "ей", "юю"]),
    ("ое", &["ое", "ого", "ому", "ым", "ом"]),
    ("ие", &["ие", "ия", "ию", "ием", "ии", "их", "им", "ими"]),
    ("ые", &["ые", "ых", "ым", "ыми"]),
    ("ый", &["ый", "ого", "ому", "ым", "ом"]),
    (
        "ец",
        &["ец", "ца", "цу", "цем", "це", "цы", "цев", "цам", "цами"],
    ),
    ("а", &["а", "ы", "и", "е", "у", "ой", "ам", "ами", "ах"]),
    ("я", &["я", "и", "е", "ю", "ей"]),
    ("ь", &["ь", "я", "ю", "ем", "е", "и", "ью"]),
    ("й", &["й", "я", "ю", "ем", "е"]),
    ("о", &["о", "а", "у", "ом", "е"]),
    ("ы", &["ы", "", "ов", "ам", "ами", "ах"]),
];
const AFTER_A_CONSONANT: [&str; 11] = ["", "а", "у", "ом", "е", "ы", "и", "ов", "ам", "ами", "ах"];

/// The word in its cases; of a name that stands `alone` also its adjective, where a rule gives one.
pub fn forms(name: &str, alone: bool) -> Vec<String> {
    let letters = name.chars().filter(|c| c.is_alphabetic());
    if letters.clone().count() > 1 && letters.clone().all(char::is_uppercase) {
        return vec![name.to_owned()];
    }
    let is_name = letters.clone().next().is_some_and(char::is_uppercase);
    let word = name.to_lowercase();
    let adjective = word
        .strip_suffix("ий")
        .filter(|stem| !is_name && stem.ends_with(['к', 'н']));
    if let Some(stem) = adjective {
        return with(stem, &ADJECTIVE);
    }
    let mut forms = declined(&word);
    if is_name && alone {
        let adjective = stem_of_adjective(&word);
        forms.extend(adjective.iter().flat_map(|stem| with(stem, &ADJECTIVE)));
        let place = adjective
            .as_deref()
            .and_then(|stem| stem.strip_suffix("ск"));
        forms.extend(place.iter().flat_map(|stem| with(stem, &PEOPLE)));
    }
    forms
}

fn declined(word: &str) -> Vec<String> {
    for (ending, cases) in CASES {
        if let Some(stem) = word.strip_suffix(ending) {
            return with(stem, cases);
        }
    }
    if word.ends_with(['е', 'и', 'у', 'э', 'ю']) {
        return vec![word.to_owned()];
    }
    with(word, &AFTER_A_CONSONANT)
}

/// `самаркандск`, `российск`, `минск`.
fn stem_of_adjective(word: &str) -> Option<String> {
    if word.ends_with("ск") {
        return Some(word.to_owned());
    }
    if word.ends_with("ья") {
        return None;
    }
    let stem = match word.strip_suffix("ия") {
        Some(stem) => format!("{stem}ий"),
        None => word.trim_end_matches(['а', 'я']).to_owned(),
    };
    let takes_it = !stem.ends_with(['е', 'и', 'о', 'у', 'ы', 'э', 'ю']);
    takes_it.then(|| format!("{stem}ск"))
}

fn with(stem: &str, endings: &[&str]) -> Vec<String> {
    endings
        .iter()
        .map(|ending| format!("{stem}{ending}"))
        .collect()
}
