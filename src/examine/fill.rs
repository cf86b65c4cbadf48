//! From what a file says about itself to the fields of a description, as the IPTC Photo Metadata Standard maps them.
//! Pure: a field that people wrote, even to empty it, is left alone. A place from GPS is not taken over: it is for staff
//! until an editor confirms it. Nothing is taken that a person would not be let say, or else nobody could change
//! anything beside it.

use crate::{
    description::{Description, LONGEST_LINE, LONGEST_WORD, MOST_LANGUAGES},
    language::{Language, Texts, countries, detect},
    media::{Embedded, Said},
    terms::{Defaults, Person, Place},
};

pub fn fill(
    description: Description,
    said: &[String],
    embedded: &Embedded,
    defaults: &Defaults,
) -> Description {
    let mut filled = description;
    let free = |name: &str| !said.iter().any(|field| field == name);
    let own = filled
        .language
        .clone()
        .or_else(|| embedded.language.clone())
        .or_else(|| spoken(embedded));
    if free("language") && filled.language.is_none() {
        filled.language.clone_from(&embedded.language);
    }
    let texts = [
        ("headline", &mut filled.headline, &embedded.headline),
        ("caption", &mut filled.caption, &embedded.caption),
        ("alt_text", &mut filled.alt_text, &embedded.alt_text),
        ("copyright", &mut filled.copyright, &embedded.copyright),
        (
            "usage_terms",
            &mut filled.usage_terms,
            &embedded.usage_terms,
        ),
    ];
    for (name, place, found) in texts {
        if free(name) && place.is_empty() {
            *place = side_by_side(found, own.as_ref());
        }
    }
    let lines = [
        ("creator", &mut filled.creator, &embedded.creator),
        ("credit", &mut filled.credit, &embedded.credit),
        ("source", &mut filled.source, &embedded.source),
    ];
    for (name, place, found) in lines {
        if free(name) && place.is_none() {
            *place = found.as_deref().map(line);
        }
    }
    by_default(
        particulars(filled, said, embedded, own.as_ref()),
        said,
        defaults,
    )
}

/// The language of words that stand in the file without one, as it sounds: caption and headline together say more.
fn spoken(embedded: &Embedded) -> Option<Language> {
    let texts = [&embedded.headline.plain, &embedded.caption.plain];
    let texts: Vec<&str> = texts.into_iter().flatten().map(String::as_str).collect();
    detect(&texts.join("\n"))
}

/// What is neither a text nor a line.
fn particulars(
    mut filled: Description,
    said: &[String],
    embedded: &Embedded,
    own: Option<&Language>,
) -> Description {
    let free = |name: &str| !said.iter().any(|field| field == name);
    if free("keywords") && filled.keywords.is_empty() {
        // What is longer is no word.
        let words = embedded.keywords.iter();
        let words = words.filter(|word| word.chars().count() <= LONGEST_WORD);
        filled.keywords = words.cloned().collect();
    }
    if free("persons") && filled.persons.is_empty() {
        let person = |name: &String| Person {
            name: in_one(&line(name), own),
            title: Texts::default(),
        };
        filled.persons = embedded.persons.iter().map(person).collect();
    }
    if free("place") && filled.place.is_none() {
        filled.place = place(embedded, own);
    }
    if free("taken_at") && filled.taken_at.is_none() {
        filled.taken_at = embedded.taken_at;
    }
    if free("rating") && filled.rating.is_none() {
        filled.rating = embedded
            .rating
            .map(i32::from)
            .filter(|rating| (1..=5).contains(rating));
    }
    filled
}

fn by_default(mut filled: Description, said: &[String], defaults: &Defaults) -> Description {
    let free = |name: &str| !said.iter().any(|field| field == name);
    if free("credit") && filled.credit.is_none() {
        filled.credit.clone_from(&defaults.credit);
    }
    if free("copyright") && filled.copyright.is_empty() {
        filled.copyright = defaults.copyright.clone();
    }
    if free("usage_terms") && filled.usage_terms.is_empty() {
        filled.usage_terms = defaults.usage_terms.clone();
    }
    filled
}

fn side_by_side(found: &Said, own: Option<&Language>) -> Texts {
    if !found.texts.is_empty() {
        let texts = found.texts.0.clone().into_iter().take(MOST_LANGUAGES);
        return Texts(texts.collect());
    }
    found
        .plain
        .as_deref()
        .map(|text| in_one(text, own))
        .unwrap_or_default()
}

/// As much of a text as a line holds.
fn line(text: &str) -> String {
    text.chars().take(LONGEST_LINE).collect()
}

/// A text in a language that nobody named stands under `und` (BCP 47: undetermined).
fn in_one(text: &str, own: Option<&Language>) -> Texts {
    let undetermined = || Language::parse("und").ok();
    let language = own.cloned().or_else(undetermined);
    Texts(
        language
            .map(|language| (language, text.to_owned()))
            .into_iter()
            .collect(),
    )
}

fn place(embedded: &Embedded, own: Option<&Language>) -> Option<Place> {
    let found = &embedded.place;
    let words = [&found.name, &found.city, &found.region, &found.country];
    let name = words
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    let country = found.country_code.as_deref().and_then(countries::two);
    if name.is_empty() && country.is_none() {
        return None;
    }
    let name = if name.is_empty() {
        Texts::default()
    } else {
        in_one(&name, own)
    };
    Some(Place {
        name,
        country: country.map(str::to_owned),
        latitude: None,
        longitude: None,
    })
}

#[cfg(test)]
mod tests {
    use super::fill;
    use crate::{
        description::Description,
        language::{Language, Texts},
        media::{Embedded, Said},
        terms::Defaults,
    };

    fn embedded() -> Embedded {
        Embedded {
            headline: Said::plain("Брифинг"),
            credit: Some("Agency".to_owned()),
            keywords: vec!["a".to_owned()],
            ..Embedded::default()
        }
    }

    #[test]
    fn the_file_fills_what_nobody_said_and_the_unit_what_the_file_left_out() {
        let defaults = Defaults {
            credit: Some("Press service".to_owned()),
            copyright: Texts::from([("ru", "© служба")]),
            ..Defaults::default()
        };
        let before = Description {
            language: Language::parse("ru").ok(),
            ..Description::default()
        };
        let after = fill(before, &[], &embedded(), &defaults);
        assert_eq!(after.headline, Texts::from([("ru", "Брифинг")]));
        assert_eq!(after.credit.as_deref(), Some("Agency"));
        assert_eq!(after.copyright, defaults.copyright);
    }

    #[test]
    fn words_without_a_language_get_the_one_that_they_are_in() {
        let mut found = embedded();
        found.caption = Said::plain("Вилоят ҳокими ёшлар билан учрашди.");
        let after = fill(Description::default(), &[], &found, &Defaults::default());
        assert_eq!(after.headline, Texts::from([("uz-Cyrl", "Брифинг")]));
        assert_eq!(after.language, None, "of the work, nobody said it");
    }

    #[test]
    fn what_people_said_stays_even_where_they_emptied_it() {
        let said = ["credit".to_owned(), "keywords".to_owned()];
        let after = fill(
            Description::default(),
            &said,
            &embedded(),
            &Defaults::default(),
        );
        assert_eq!((after.credit, after.keywords.len()), (None, 0));
        assert_eq!(after.headline, Texts::from([("und", "Брифинг")]));
    }

    #[test]
    fn what_a_file_says_at_length_is_cut_to_what_people_may_say() {
        let mut found = embedded();
        found.persons = vec!["А".repeat(1_500)];
        found.creator = Some("M".repeat(1_500));
        found.keywords.push("k".repeat(201));
        let after = fill(Description::default(), &[], &found, &Defaults::default());
        let name = after.persons[0].name.iter().next().unwrap().1;
        assert_eq!(name.chars().count(), 1_000);
        assert_eq!(after.creator.unwrap().len(), 1_000);
        assert_eq!(after.keywords, ["a"]);
    }
}
