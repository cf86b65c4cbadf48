#!/usr/bin/env python3
"""Whether a word finds its forms, on the words that Debian has of Uzbek and Kyrgyz.

Words come in families: a base and its nominal forms, as grammars describe them: the plural, a possessive, -dagi and
-niki with what may follow them, a case, a particle or the person of a predicate, in this order and with the changes of
letters at the seams. A base is a word that is no form of another one on the list; an Uzbek one must be declined there
in two of the five cases, which keeps verbs out. Nothing here knows of the stemmer's tables. The typed base (Uzbek in
Latin letters, while the list is in Cyrillic) must find each form, by `language::meet`, and no other base. Since Debian
has few Kyrgyz words, names are also given all forms that grammar makes of them.

Run it alone with `make words`. Packages are taken apart under `target`, not installed."""
import collections, gettext, os, pathlib, re, subprocess, sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from world import Left, alone

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGES = ("hunspell-uz", "python3-django", "iso-codes", "libgweather-4-common")
UZBEK_VOWELS = "аеёиоуўэюя"
KYRGYZ_VOWELS = "аеёиоөуүыэюя"
VOICELESS = "кпстфхцчшщ"
# Words that lose a vowel before a possessive: they are listed in grammars, for no rule tells which they are.
UZBEK_SHORTENED = {"оғиз": "оғз", "бурун": "бурн", "ўғил": "ўғл", "кўнгил": "кўнгл", "қорин": "қорн", "бўйин": "бўйн",
                   "ўрин": "ўрн", "сингил": "сингл", "бағир": "бағр", "шаҳар": "шаҳр", "қўйин": "қўйн", "бўғиз": "бўғз", "ярим": "ярм"}
KYRGYZ_SHORTENED = {"мурун": "мурд", "орун": "орд", "эрин": "эрд", "карын": "кард", "моюн": "мойн", "коюн": "койн"}


def uzbek_endings(vowel):
    """What may follow an Uzbek base that ends in a vowel, or in a consonant."""
    after_consonant = "(?:им|инг|и|имиз|ингиз)"
    after_vowel = "(?:м|нг|си|миз|нгиз|йим|йинг|йи|йимиз|йингиз)"
    first = after_vowel if vowel else after_consonant
    return re.compile(
        f"(?:лар{after_consonant}?|{first})?"
        f"(?:(?:даги|ники)(?:лар{after_consonant}?|си)?)?"
        "(?:нинг|ни|[гкқ]а|дан|да|[гкқ]ача|дек|дай)?"
        "(?:[гкқ]ина)?(?:ми)?(?:ман|сан|миз|сиз|дир)?(?:ми)?")


AFTER_VOWEL, AFTER_CONSONANT = uzbek_endings(True), uzbek_endings(False)


def uzbek_bases(word, words):
    """The words of which this one may be a form."""
    for at in range(2, len(word)):
        stem, ending = word[:at], word[at:]
        rule = AFTER_VOWEL if stem[-1] in UZBEK_VOWELS else AFTER_CONSONANT
        if not rule.fullmatch(ending):
            continue
        if stem in words:
            yield stem
        if ending[0] == "и":
            hard = stem[:-1] + {"г": "к", "ғ": "қ"}.get(stem[-1], " ")
            if hard in words and sum(letter in UZBEK_VOWELS for letter in hard) > 1:
                yield hard
            yield from (whole for whole, short in UZBEK_SHORTENED.items() if short == stem and whole in words)


def uzbek(folder):
    lines = (folder / "usr/share/hunspell/uz_UZ.dic").read_text().split()
    words = {line.lower() for line in lines if not line.isdigit()}
    bases = {word: set(uzbek_bases(word, words)) for word in words}
    families = collections.defaultdict(set)
    for word, of in bases.items():
        for base in of:
            if not bases[base]:
                families[base].add(word)
    cases = ("нинг",), ("ни",), ("га", "ка", "қа"), ("да",), ("дан",)
    declined = lambda base: sum(any(base + ending in words for ending in case) for case in cases) > 1
    kept = {base: forms for base, forms in families.items() if declined(base)}
    return one_each(kept, lambda base: uzbek_bases(base, AnyWord()))


def one_each(families, bases):
    """Words that are forms of one that the list lacks (`жиҳати`, `жиҳатлар`) are one family."""
    lacking = collections.defaultdict(list)
    for base in sorted(families):
        for word in set(bases(base)):
            lacking[word].append(base)
    for first, *others in lacking.values():
        for other in others:
            if first in families and other in families:
                families[first] |= families.pop(other) | {other}
    return families


class AnyWord:
    """A list that has every word of three letters."""

    def __contains__(self, word):
        return len(word) > 2 and " " not in word


# The last vowel of a Kyrgyz word, and the vowels that its endings have for А and Ы.
HARMONY = {last: vowels for lasts, vowels in {"аяы": "аы", "еэи": "еи", "оё": "оу", "ую": "ау", "өү": "өү"}.items() for last in lasts}


def attached(stem, ending):
    """A Kyrgyz ending in the shape that the word asks for; А and Ы stand for vowels, Л Н Д Г for consonants."""
    stem = stem.removesuffix("ь")
    for letter in ending:
        last = next((HARMONY[c] for c in reversed(stem) if c in HARMONY), "аы")
        vowel = stem[-1] in KYRGYZ_VOWELS
        hard = stem[-1] in VOICELESS
        if letter in "АЫ":
            if len(stem) > 2 and stem[-2] in KYRGYZ_VOWELS and not ending.index(letter):
                stem = stem[:-1] + {"к": "г", "п": "б"}.get(stem[-1], stem[-1])
            letter = last["АЫ".index(letter)]
        elif letter == "Л":
            letter = "т" if hard else "л" if vowel or stem[-1] in "рй" else "д"
        elif letter == "Н":
            letter = "т" if hard else "н" if vowel else "д"
        elif letter in "ДГ":
            letter = {"Д": "дт", "Г": "гк"}[letter][hard]
        stem += letter
    return stem.replace("йу", "ю").replace("йа", "я")


def kyrgyz_forms(base):
    own = [base, attached(base, "ЛАр")]
    cases = ("НЫн", "ГА", "НЫ", "ДА", "ДАн", "ДАгЫ", "НЫкЫ", "ДАй")
    for stem in own:
        yield stem
        yield from (attached(stem, case) for case in cases)
        vowel = stem[-1] in KYRGYZ_VOWELS
        for possessive in ("м", "ңЫз", "бЫз") if vowel else ("Ым", "ЫңЫз", "ЫбЫз"):
            having = attached(stem, possessive)
            yield having
            yield from (attached(having, case) for case in cases)
        third = attached(KYRGYZ_SHORTENED.get(stem, stem), "сЫ" if vowel else "Ы")
        yield third
        yield from (attached(third, case) for case in ("нЫн", "нА", "н", "ндА", "нАн", "ндАгЫ", "нЫкЫ"))


def kyrgyz_words(files):
    words = set()
    for file in files:
        with file.open("rb") as catalogue:
            texts = gettext.GNUTranslations(catalogue)._catalog.items()
        for key, text in texts:
            if key and isinstance(text, str):
                words.update(re.findall("[а-яёөүң]{3,}", text.lower()))
    return words


def kyrgyz(folder):
    words = kyrgyz_words(sorted(folder.glob("usr/**/ky/LC_MESSAGES/*.mo")))
    forms = {word: set(kyrgyz_forms(word)) & words - {word} for word in words}
    derived = set().union(*forms.values())
    kept = {base: found for base, found in forms.items() if found and base not in derived}
    beginnings = lambda base: (base[:at] for at in range(3, len(base)))
    return one_each(kept, lambda base: (word for word in beginnings(base) if base in kyrgyz_forms(word)))


def kyrgyz_names(folder, families):
    """Names of countries and towns, and the bases above, each in all forms that grammar gives it."""
    names = set(families)
    for file in ("iso_3166-1", "libgweather-4.0-locations"):
        names |= kyrgyz_words([folder / f"usr/share/locale/ky/LC_MESSAGES/{file}.mo"])
    forms = {name: set(kyrgyz_forms(name)) - {name} for name in names}
    derived = set().union(*forms.values())
    return {name: found for name, found in forms.items() if name not in derived}


LATIN = dict(zip("абвгдзийклмнопрстуфхэы", "abvgdziyklmnoprstufxei")) | {
    "ё": "yo", "ж": "j", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "ʼ", "ь": "", "ю": "yu", "я": "ya", "ў": "oʻ", "қ": "q", "ғ": "gʻ", "ҳ": "h"}


def latin(word):
    """By the official Uzbek table."""
    out, before = "", ""
    for letter in word:
        open_before = not before or before in UZBEK_VOWELS
        special = {"е": "ye" if open_before or before == "ъ" else "e", "ц": "ts" if before and open_before else "s"}
        out += special.get(letter) or LATIN.get(letter, letter)
        before = letter
    return out


def fetched():
    folder = ROOT / "target/words"
    folder.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        if not (folder / f"usr/share/doc/{package}").exists():
            try:
                subprocess.run(["apt-get", "download", "--quiet", "--quiet", package], cwd=folder, check=True)
            except (OSError, subprocess.CalledProcessError) as why:
                raise Left(f"{package} cannot be had: {why}") from why
            for archive in folder.glob(f"{package}_*.deb"):
                subprocess.run(["dpkg-deb", "--extract", archive.name, "."], cwd=folder, check=True)
                archive.unlink()
    return folder


def asked(tag, families, typed):
    """The figures that the product's own code gives; it also tells whether both scripts of a word have the same stems."""
    file = ROOT / f"target/words/{tag}.tsv"
    lines = ("\t".join([typed(base), base, *sorted(families[base])]) for base in sorted(families))
    file.write_text("".join(f"{line}\n" for line in lines))
    command = ["cargo", "test", "--locked", "--quiet", "--lib", "--", "--ignored", "--nocapture", "language::tests::families"]
    told = subprocess.run(command, cwd=ROOT, env=os.environ | {"JARCHI_CHECKS_WORDS": f"{tag}:{file}"}, check=True, stdout=subprocess.PIPE, text=True)
    return {name: float(figure) for name, figure in re.findall(r"(\w+)=([\d.]+)", told.stdout)}


def measure(table, _):
    """Words and their forms."""
    folder = fetched()
    kyrgyz_families = kyrgyz(folder)
    for name, tag, families, typed in (
        ("Uzbek", "uz-Cyrl", uzbek(folder), latin),
        ("Kyrgyz", "ky", kyrgyz_families, str),
        ("Kyrgyz, all endings", "ky", kyrgyz_names(folder, kyrgyz_families), str),
    ):
        figures = asked(tag, families, typed)
        size = f"{len(families)} bases, {sum(map(len, families.values()))} forms"
        table.row(f"{name}: forms that their base finds", figures["found"], "", bar=0.9, at_least=True, note=size)
        if families is not kyrgyz_families and tag == "ky":
            continue  # names of towns all over the world say nothing of Kyrgyz
        table.row(f"{name}: bases that share a stem with another", figures["mixed"] * 100, "in 100", bar=1)
        table.row(f"{name}: bases that are folded into another", figures["folded"] * 100, "in 100", note="as they must be, like от and ўт")
        table.row(f"{name}: stems of a form", figures["stems"], "", note="beside its loose form")


if __name__ == "__main__":
    alone(measure)
