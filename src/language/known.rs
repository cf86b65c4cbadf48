//! Which subtags of language tags mean something: languages (ISO 639-1, and of ISO 639-2 those that have no code of two
//! letters), scripts (ISO 15924) and regions (ISO 3166-1, UN M.49). What looks like a tag and is none is told with what
//! was meant.

use oxilangtag::LanguageTag;

use super::countries;

/// The code of two letters, and then that of three, which no tag takes.
const SHORT: &str = "\
    aaaar ababk aeave afafr akaka amamh anarg arara asasm avava ayaym azaze babak bebel bgbul bhbih bibis bmbam \
    bnben bobod brbre bsbos cacat ceche chcha cocos crcre csces cuchu cvchv cycym dadan dedeu dvdiv dzdzo eeewe \
    elell eneng eoepo esspa etest eueus fafas ffful fifin fjfij fofao frfra fyfry gagle gdgla glglg gngrn guguj \
    gvglv hahau heheb hihin hohmo hrhrv hthat huhun hyhye hzher iaina idind ieile igibo iiiii ikipk ioido isisl \
    itita iuiku jajpn jvjav kakat kgkon kikik kjkua kkkaz klkal kmkhm knkan kokor krkau kskas kukur kvkom kwcor \
    kykir lalat lbltz lglug lilim lnlin lolao ltlit lulub lvlav mgmlg mhmah mimri mkmkd mlmal mnmon mrmar msmsa \
    mtmlt mymya nanau nbnob ndnde nenep ngndo nlnld nnnno nonor nrnbl nvnav nynya ococi ojoji omorm orori ososs \
    papan pipli plpol pspus ptpor quque rmroh rnrun roron rurus rwkin sasan scsrd sdsnd sesme sgsag sisin skslk \
    slslv smsmo snsna sosom sqsqi srsrp ssssw stsot susun svswe swswa tatam tetel tgtgk ththa titir tktuk tltgl \
    tntsn toton trtur tstso tttat twtwi tytah uguig ukukr ururd uzuzb veven vivie vovol wawln wowol xhxho yiyid \
    yoyor zazha zhzho zuzul";

/// Languages that have a code of three letters alone.
const LONG: &str = "\
    ace ach ada ady afa afh ain akk ale alg alt ang anp apa arc arn arp art arw ast ath aus awa bad bai bal ban bas \
    bat bej bem ber bho bik bin bla bnt bra btk bua bug byn cad cai car cau ceb cel chb chg chk chm chn cho chp chr \
    chy cmc cnr cop cpe cpf cpp crh crp csb cus dak dar day del den dgr din doi dra dsb dua dum dyu efi egy eka elx \
    enm ewo fan fat fil fiu fon frm fro frr frs fur gaa gay gba gem gez gil gmh goh gon gor got grb grc gsw gwi hai \
    haw hil him hit hmn hsb hup iba ijo ilo inc ine inh ira iro jbo jpr jrb kaa kab kac kam kar kaw kbd kha khi kho \
    kmb kok kos kpe krc krl kro kru kum kut lad lah lam lez lol loz lua lui lun luo lus mad mag mai mak man map mas \
    mdf mdr men mga mic min mis mkh mnc mni mno moh mos mul mun mus mwl mwr myn myv nah nai nap nds new nia nic niu \
    nog non nqo nso nub nwc nym nyn nyo nzi osa ota oto paa pag pal pam pap pau peo phi phn pon pra pro raj rap rar \
    roa rom rup sad sah sai sal sam sas sat scn sco sel sem sga sgn shn sid sio sit sla sma smi smj smn sms snk sog \
    son srn srr ssa suk sus sux syc syr tai tem ter tet tig tiv tkl tlh tli tmh tog tpi tsi tum tup tut tvl tyv udm \
    uga umb und vai vot wak wal war was wen xal yao yap ypk zap zbl zen zgh znd zun zxx zza";

const SCRIPTS: &str = "\
    Adlm Afak Aghb Ahom Arab Aran Armi Armn Avst Bali Bamu Bass Batk Beng Bhks Blis Bopo Brah Brai Bugi Buhd Cakm \
    Cans Cari Cham Cher Cirt Copt Cprt Cyrl Cyrs Deva Dsrt Dupl Egyd Egyh Egyp Elba Ethi Geok Geor Glag Goth Gran \
    Grek Gujr Guru Hanb Hang Hani Hano Hans Hant Hatr Hebr Hira Hluw Hmng Hrkt Hung Inds Ital Jamo Java Jpan Jurc \
    Kali Kana Khar Khmr Khoj Kitl Kits Knda Kore Kpel Kthi Lana Laoo Latf Latg Latn Leke Lepc Limb Lina Linb Lisu \
    Loma Lyci Lydi Mahj Mand Mani Marc Maya Mend Merc Mero Mlym Modi Mong Moon Mroo Mtei Mult Mymr Narb Nbat Newa \
    Nkgb Nkoo Nshu Ogam Olck Orkh Orya Osge Osma Palm Pauc Perm Phag Phli Phlp Phlv Phnx Piqd Plrd Prti Rjng Roro \
    Runr Samr Sara Sarb Saur Sgnw Shaw Shrd Sidd Sind Sinh Sora Sund Sylo Syrc Syre Syrj Syrn Tagb Takr Tale Talu \
    Taml Tang Tavt Telu Teng Tfng Tglg Thaa Thai Tibt Tirh Ugar Vaii Visp Wara Wole Xpeo Xsux Yiii Zinh Zmth Zsye \
    Zsym Zxxx Zyyy Zzzz";

/// What people write for a language, and its tag: countries' codes and names. `kg` would be Kongo, and is Kyrgyzstan
/// here, always.
const MEANT: [(&str, &str); 27] = [
    ("kg", "ky"),
    ("kz", "kk"),
    ("tj", "tg"),
    ("tm", "tk"),
    ("ua", "uk"),
    ("by", "be"),
    ("us", "en"),
    ("gb", "en"),
    ("cn", "zh"),
    ("jp", "ja"),
    ("uz-lat", "uz-Latn"),
    ("uz-latin", "uz-Latn"),
    ("uz-cyr", "uz-Cyrl"),
    ("uz-cyril", "uz-Cyrl"),
    ("uz-cyrillic", "uz-Cyrl"),
    ("english", "en"),
    ("russian", "ru"),
    ("uzbek", "uz-Latn"),
    ("kyrgyz", "ky"),
    ("kirgiz", "ky"),
    ("kazakh", "kk"),
    ("tajik", "tg"),
    ("karakalpak", "kaa"),
    ("turkish", "tr"),
    ("german", "de"),
    ("french", "fr"),
    ("chinese", "zh"),
];

/// What was meant by a tag that means nothing, where that can be told.
pub fn meant(tag: &str) -> Option<String> {
    let tag = tag.trim().replace('_', "-").to_ascii_lowercase();
    let listed = MEANT.iter().find(|(wrong, _)| *wrong == tag);
    if let Some((_, right)) = listed {
        return Some((*right).to_owned());
    }
    let (language, rest) = tag
        .split_once('-')
        .map_or((tag.as_str(), ""), |(language, rest)| (language, rest));
    let short = pairs().find(|(_, long)| *long == language);
    let language = short.map_or(language, |(short, _)| short);
    let right = if rest.is_empty() {
        language.to_owned()
    } else {
        format!("{language}-{rest}")
    };
    let right = LanguageTag::parse_and_normalize(&right).ok()?;
    is_known(&right).then(|| right.into_inner())
}

/// Whether each part of a well-formed tag in its canonical case is known. Extended languages are none: each has a code
/// of its own.
pub fn is_known(tag: &LanguageTag<String>) -> bool {
    let language = tag.primary_language();
    let listed = |list: &str, word: &str| list.split_whitespace().any(|known| known == word);
    let spoken = pairs().any(|(short, _)| short == language) || listed(LONG, language);
    let misread = MEANT.iter().any(|(wrong, _)| *wrong == language);
    let region = |code: &str| countries::two(code) == Some(code) || code.len() == 3;
    spoken
        && !misread
        && tag.extended_language().is_none()
        && tag.script().is_none_or(|script| listed(SCRIPTS, script))
        && tag.region().is_none_or(region)
}

fn pairs() -> impl Iterator<Item = (&'static str, &'static str)> {
    SHORT.split_whitespace().map(|pair| pair.split_at(2))
}
