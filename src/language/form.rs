//! Under which forms a word stands in the index, and under which it is looked up: letter by letter, folded, without
//! endings, by what it names. A word of a text has the forms of its language, a word of a question those of all.

use smol_str::SmolStr;

use super::{
    alphabet::{Alphabet, is_cyrillic},
    fold, gazetteer, stem,
};

/// How close a form is to what was written, the closest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// In its own script, letter by letter.
    Exact,
    /// In Latin letters, letter by letter.
    Folded,
    /// Blind to what people confuse.
    Loose,
    /// Without endings.
    Stem,
    /// By the code of what it names, in whichever language.
    Named,
    /// Blind to the vowels that languages exchange in names: `Қодиров`, `Кадыров`. Of words with a capital alone: others
    /// differ by these.
    Vague,
    /// The loose beginning of a word whose end stands with a later one.
    Cut,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Form {
    pub class: Class,
    /// Short ones stand in the form itself: those of a word lie side by side in memory, of which indexing goes through more
    /// than a processor keeps at hand.
    pub text: SmolStr,
}

/// Which stems Latin words of a text get.
#[derive(Debug, Clone, Copy)]
pub struct Stems {
    pub uzbek: bool,
    pub english: bool,
}

/// Every form under which a word of a query, which has no language, may stand in the index. Each of its stems, of which
/// it may be one itself, may stand there as a stem or as a loose word.
pub fn asked_forms(word: &str) -> Vec<Form> {
    let normal = fold::normal(word);
    let mut forms = Forms::default();
    if normal.contains(is_cyrillic) {
        for alphabet in Alphabet::ALL {
            let loose = forms.spell(&normal, alphabet);
            forms.add_stems(loose.iter().cloned());
            forms.stem_cyrillic(&normal, &loose, alphabet);
        }
    } else {
        let loose = forms.spell(&normal, Alphabet::Russian);
        forms.add_stems(loose.iter().cloned());
        forms.stem_latin(
            &normal,
            &loose,
            Stems {
                uzbek: true,
                english: true,
            },
        );
        for loose in &loose {
            forms.add_stems(stem::kyrgyz(loose));
        }
        if let Some(spelled) = fold::as_in_messages(&normal) {
            let loose = fold::loose(&spelled, Alphabet::Russian);
            for loose in &loose {
                forms.add(Class::Loose, loose.clone());
                forms.add_stems(stem::uzbek(loose));
            }
        }
    }
    forms.borrowed(&normal);
    let mut forms = forms.named();
    forms.extend(vague(&forms, |class| class == Class::Loose));
    forms
}

/// The forms of a word of a text.
pub fn written_forms(word: &str, cut: bool, alphabet: Alphabet, stems: Stems) -> Vec<Form> {
    let normal = fold::normal(word);
    let mut forms = Forms::default();
    let loose = forms.spell(&normal, alphabet);
    if cut {
        forms.add(Class::Cut, loose[0].clone());
    }
    if normal.contains(is_cyrillic) {
        forms.stem_cyrillic(&normal, &loose, alphabet);
    } else {
        forms.stem_latin(&normal, &loose, stems);
    }
    let mut forms = forms.named();
    if word.starts_with(char::is_uppercase) {
        forms.extend(vague(&forms, |class| {
            matches!(class, Class::Loose | Class::Stem)
        }));
    }
    forms
}

/// Of a name, but for those that are known in each language.
fn vague(forms: &[Form], of: impl Fn(Class) -> bool) -> Vec<Form> {
    let mut vague: Vec<Form> = Vec::new();
    if forms.iter().any(|form| form.class == Class::Named) {
        return vague;
    }
    let long = |form: &&Form| of(form.class) && form.text.chars().count() >= SHORTEST_VAGUE;
    for Form { text, .. } in forms.iter().filter(long) {
        let form = Form {
            class: Class::Vague,
            text: fold::vague(text).into(),
        };
        if !vague.contains(&form) {
            vague.push(form);
        }
    }
    vague
}

/// The closest way in which a word of a text is one that was asked for; `None` when it is another word.
pub fn meet(asked: &[Form], written: &[Form]) -> Option<Class> {
    let pairs = asked
        .iter()
        .flat_map(|asked| written.iter().map(move |written| (asked, written)));
    pairs
        .filter(|(asked, written)| same(asked, written))
        .map(|(asked, written)| asked.class.max(written.class))
        .min()
}

fn same(asked: &Form, written: &Form) -> bool {
    match (asked.class, written.class) {
        (Class::Loose, Class::Cut) => {
            asked.text.starts_with(written.text.as_str()) && written.text.len() >= SHORTEST_CUT
        }
        (Class::Exact | Class::Folded, Class::Exact | Class::Folded)
        | (Class::Stem, Class::Loose) => asked.text == written.text,
        (asked_class, class) => asked_class == class && asked.text == written.text,
    }
}

/// Shorter words are too many to be taken for each other.
const SHORTEST_VAGUE: usize = 5;

/// Bytes of a cut-off word's beginning (`видео-`) that are enough to tell which word was meant.
pub const SHORTEST_CUT: usize = 4;

#[derive(Default)]
struct Forms(Vec<Form>);

impl Forms {
    fn add(&mut self, class: Class, text: impl Into<SmolStr>) {
        let text = text.into();
        let form = Form { class, text };
        if !form.text.is_empty() && !self.0.contains(&form) {
            self.0.push(form);
        }
    }

    /// All of them, and what they name.
    fn named(mut self) -> Vec<Form> {
        for code in gazetteer::named(&self.0) {
            self.add(Class::Named, code);
        }
        self.0
    }

    /// A noun that Russian declines and its neighbours have whole: `коррупции` and `korrupsiya` find each other.
    fn borrowed(&mut self, normal: &str) {
        let stems = self.0.iter().filter(|form| form.class == Class::Stem);
        let stems: Vec<String> = stems
            .filter_map(|form| stem::as_in_russian(&form.text))
            .collect();
        self.add_stems(stems);
        self.add_stems(stem::nominative(normal));
    }

    fn add_stems(&mut self, stems: impl IntoIterator<Item = String>) {
        for stem in stems {
            self.add(Class::Stem, stem);
        }
    }

    /// Adds the unstemmed forms and gives back the loose ones, of which there is at least one (empty for no word).
    fn spell(&mut self, normal: &str, alphabet: Alphabet) -> Vec<String> {
        let exact = fold::exact(normal);
        let latin = alphabet.latin(&exact);
        let mut loose = fold::loose(normal, alphabet);
        if latin != exact {
            self.add(Class::Folded, latin);
        }
        self.add(Class::Exact, exact);
        for loose in &loose {
            self.add(Class::Loose, loose.clone());
        }
        if loose.is_empty() {
            loose.push(String::new());
        }
        loose
    }

    fn stem_cyrillic(&mut self, normal: &str, loose: &[String], alphabet: Alphabet) {
        for loose in loose {
            match alphabet {
                Alphabet::Uzbek => self.add_stems(stem::uzbek(loose)),
                Alphabet::Kyrgyz => self.add_stems(stem::kyrgyz(loose)),
                Alphabet::Russian => self.add(Class::Stem, stem::russian(normal)),
            }
        }
    }

    fn stem_latin(&mut self, normal: &str, loose: &[String], stems: Stems) {
        if stems.english {
            self.add(Class::Stem, stem::english(normal));
        }
        if stems.uzbek {
            for loose in loose {
                self.add_stems(stem::uzbek(loose));
            }
        }
    }
}

/// Whether two words differ by at most one slip of the finger: a letter too many, too few, another one, or two
/// neighbours swapped.
pub fn within_one_slip(a: &str, b: &str) -> bool {
    let same: usize = a
        .chars()
        .zip(b.chars())
        .take_while(|(x, y)| x == y)
        .map(|(x, _)| x.len_utf8())
        .sum();
    let (mut a, mut b) = (a[same..].chars(), b[same..].chars());
    let (whole_a, whole_b) = (a.as_str(), b.as_str());
    let (first_a, first_b) = (a.next(), b.next());
    let (rest_a, rest_b) = (a.as_str(), b.as_str());
    let swapped = first_a == b.next() && a.next() == first_b && a.as_str() == b.as_str();
    rest_a == rest_b || rest_a == whole_b || whole_a == rest_b || swapped
}
