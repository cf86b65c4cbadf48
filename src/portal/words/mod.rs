//! The words around the texts of a page, in the five languages of the offices.

mod english;
mod kyrgyz;
mod russian;
mod uzbek;

use super::tongue::Tongue;
use crate::terms::Kind;

pub struct Words {
    pub kit: &'static str,
    pub kits: &'static str,
    pub find: &'static str,
    pub find_it: &'static str,
    pub not_found: &'static str,
    pub skip: &'static str,
    pub language: &'static str,
    pub embargo: &'static str,
    pub held_back: &'static str,
    pub everything: &'static str,
    pub smaller: &'static str,
    pub originals: &'static str,
    pub lasts: &'static str,
    pub files: &'static str,
    pub download: &'static str,
    pub terms: &'static str,
    pub may_not: &'static str,
    pub not_before: &'static str,
    pub not_without: &'static str,
    pub not_withdrawn: &'static str,
    pub contact: &'static str,
    pub creator: &'static str,
    pub credit: &'static str,
    pub source: &'static str,
    pub copyright: &'static str,
    pub license: &'static str,
    pub persons: &'static str,
    pub place: &'static str,
    pub taken: &'static str,
    pub photo: &'static str,
    pub video: &'static str,
    pub audio: &'static str,
    pub text: &'static str,
    pub no_player: &'static str,
    pub page: &'static str,
    pub earlier: &'static str,
    pub later: &'static str,
    pub nothing: &'static str,
    pub needs_password: &'static str,
    pub password: &'static str,
    pub open: &'static str,
    pub wrong: &'static str,
    pub too_often: &'static str,
    pub missing: &'static str,
    pub missing_says: &'static str,
    pub corrected: &'static str,
    pub withdrawn: &'static str,
    pub kit_withdrawn_says: &'static str,
    pub withdrawn_says: &'static str,
    pub read: &'static str,
    pub instead: &'static str,
    pub trouble: &'static str,
    pub trouble_says: &'static str,
    pub bad_request: &'static str,
}

impl Words {
    pub fn kind(&self, kind: Option<Kind>) -> &'static str {
        match kind {
            Some(Kind::Photo) => self.photo,
            Some(Kind::Video) => self.video,
            Some(Kind::Audio) => self.audio,
            Some(Kind::Text) | None => self.text,
        }
    }
}

pub fn of(tongue: Tongue) -> &'static Words {
    match tongue {
        Tongue::UzbekLatin => &uzbek::LATIN,
        Tongue::UzbekCyrillic => &uzbek::CYRILLIC,
        Tongue::Kyrgyz => &kyrgyz::WORDS,
        Tongue::Russian => &russian::WORDS,
        Tongue::English => &english::WORDS,
    }
}
