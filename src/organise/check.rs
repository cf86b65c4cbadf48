//! What names, texts and audiences of the office must hold beside their shape.

use sea_orm::ConnectionTrait;

use crate::{
    description,
    error::{Error, FieldFault, Result},
    language::Texts,
};

/// In letters.
pub const LONGEST_NAME: usize = 1_000;
pub const LONGEST_TEXT: usize = 20_000;
const MOST_LANGUAGES: usize = 30;

/// Gathers what is wrong with a body, so that all of it is said at once.
#[derive(Debug, Default)]
pub struct Faults(Vec<FieldFault>);

impl Faults {
    pub fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(FieldFault {
            pointer: pointer.into(),
            detail: detail.into(),
        });
    }

    /// A name that people must be able to read in some language.
    pub fn name(&mut self, pointer: &str, name: &Texts) {
        if name.is_empty() {
            self.add(pointer, "needs a text in at least one language");
        }
        for (language, text) in name.iter() {
            if text.trim().is_empty() {
                self.add(format!("{pointer}/{language}"), "is empty");
            }
        }
        self.texts(pointer, name, LONGEST_NAME);
    }

    pub fn texts(&mut self, pointer: &str, texts: &Texts, most: usize) {
        if texts.0.len() > MOST_LANGUAGES {
            self.add(
                pointer,
                format!("stands in more than {MOST_LANGUAGES} languages"),
            );
        }
        for (language, text) in texts.iter() {
            self.text(&format!("{pointer}/{language}"), text, most);
        }
    }

    pub fn text(&mut self, pointer: &str, text: &str, most: usize) {
        if text.chars().count() > most {
            self.add(pointer, format!("is longer than {most} letters"));
        }
        if text.contains('\0') {
            self.add(pointer, "holds a NUL");
        }
    }

    /// Each must be a code of the vocabulary `audiences`; they stand in a list at `pointer`.
    pub async fn audiences(
        &mut self,
        connection: &impl ConnectionTrait,
        within: &str,
        audiences: &[String],
    ) -> Result<()> {
        match description::check_audiences(connection, audiences).await {
            Err(Error::Refused(refusal)) => {
                for fault in refusal.fields {
                    self.add(format!("{within}{}", fault.pointer), fault.detail);
                }
                Ok(())
            }
            other => other,
        }
    }

    pub fn found(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::faults(self.0))
        }
    }

    pub fn list(&mut self) -> &mut Vec<FieldFault> {
        &mut self.0
    }
}
