//! How to find, by examples: a page of the document, from real sentences of press services. The same table is tried
//! against the index by a test.

use std::fmt::Write as _;

/// What is typed, the language and the words in which it is found, and why it is.
pub const EXAMPLES: [(&str, &str, &str, &str); 14] = [
    (
        "axborot vositalari",
        "uz-Cyrl",
        "ҳокимлик фаолияти ҳақида оммавий ахборот воситалари, ижтимоий тармоқлар",
        "one alphabet finds the other",
    ),
    (
        "матбуот анжумани",
        "uz-Latn",
        "press-tadbirlarni (matbuot anjumanlari, brifing, seminar)",
        "and back, whatever the endings",
    ),
    (
        "korrupsiyaga qarshi kurash bo'limi",
        "uz-Latn",
        "“Korrupsiyaga qarshi kurashish” bo‘limini tashkil etish",
        "any apostrophe",
    ),
    (
        "коррупция",
        "uz-Latn",
        "korrupsiyaga o‘rin yo‘q",
        "ц is s or ts in Latin",
    ),
    (
        "ozbekiston",
        "uz-Cyrl",
        "Ўзбекистон Республикаси Президенти Администрацияси",
        "no apostrophe at all",
    ),
    (
        "утказилган",
        "uz-Cyrl",
        "ўтказилган тадбирлар натижадорлиги",
        "Uzbek on a Russian keyboard",
    ),
    (
        "Raxmonov",
        "uz-Latn",
        "Shahar hokimi N.Rahmonovning maqolasi",
        "x, h and kh are one in a name",
    ),
    (
        "Khushev",
        "uz-Cyrl",
        "“Дунё ўзбеклари” сайти бош муҳаррири И.М.Хушев",
        "a name as it is written abroad",
    ),
    (
        "вице-мэр иш сапары",
        "ky",
        "биринчи вице-мэринин жумушчу жана иш сапарларын чагылдырууну",
        "Kyrgyz endings",
    ),
    (
        "жонундо",
        "ky",
        "бөлүмдөрүнүн иш-аракеттери жөнүндө",
        "Kyrgyz on a Russian keyboard",
    ),
    (
        "фонотека",
        "ky",
        "видео- жана фонотеканы толуктоо",
        "a part of a word that was cut off",
    ),
    (
        "\"information attacks\"",
        "en",
        "prompt response to critical and widely discussed information attacks",
        "words one after the other",
    ),
    (
        "infagrafika",
        "uz-Latn",
        "infografikalar tayyorlash va tarqatish",
        "a slip of the finger",
    ),
    (
        "medi*",
        "uz-Latn",
        "ijtimoiy tarmoqlarda yoritish bo‘yicha MEDIA-REJA",
        "the beginning of a word",
    ),
];

/// The page, in `CommonMark`.
pub fn page() -> String {
    let mut page = String::from(
        "The archive and the delivery desk of a press service.\n\n# How to find\n\n`q` of `GET /v1/materials` is what a \
         person types: nothing is an error. All words are wanted, those with most of them come first; `\"…\"` are words \
         one after the other, `-word` takes away, `word*` goes on; a year, a file's name (for its office) and an id are \
         found as well. Whichever alphabet or keyboard it was typed on, it finds:\n\n| typed | finds | because |\n| --- \
         | --- | --- |\n",
    );
    for (typed, language, found, because) in EXAMPLES {
        // A string takes whatever is written.
        let _ = writeln!(page, "| `{typed}` | {found} ({language}) | {because} |");
    }
    page.push_str(
        "\nWith `highlight=true` the answer marks these words in their own letters; where a word is found nowhere, \
         `did_you_mean` says which would be; `GET /v1/suggestions` completes what is being typed.\n",
    );
    page
}
