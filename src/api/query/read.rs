//! A deserializer over the pairs of a query string: names are members, the values of one name a list or, where one is
//! wanted, the one. Text turns into what the member is: a number, a boolean, a word of a vocabulary.

use std::{
    fmt::{self, Display},
    str::FromStr,
};

use serde::{
    Deserializer,
    de::{
        self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, Visitor,
        value::{SeqDeserializer, StringDeserializer},
    },
    forward_to_deserialize_any,
};

use crate::error::{Code, Error, Result};

/// The pairs as `T`.
pub fn read<T: DeserializeOwned>(pairs: &[(String, String)]) -> Result<T> {
    let mut members: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in pairs {
        match members.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => values.push(value.clone()),
            None => members.push((name.clone(), vec![value.clone()])),
        }
    }
    let query = Query {
        members: members.into_iter(),
        next: None,
    };
    T::deserialize(query).map_err(|fault| Error::refused(Code::BadRequest, fault.0))
}

#[derive(Debug)]
struct Fault(String);

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: Display>(words: T) -> Self {
        Self(words.to_string())
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self(format!(
            "There is no parameter “{name}” here; known are: {}.",
            known.join(", ")
        ))
    }

    fn unknown_variant(word: &str, known: &'static [&'static str]) -> Self {
        Self(format!("is “{word}”; it takes {}", known.join(", ")))
    }

    fn missing_field(name: &'static str) -> Self {
        Self(format!("The parameter “{name}” is missing."))
    }
}

struct Query {
    members: std::vec::IntoIter<(String, Vec<String>)>,
    next: Option<(String, Vec<String>)>,
}

impl<'de> Deserializer<'de> for Query {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Query {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        self.next = self.members.next();
        let Some((name, _)) = &self.next else {
            return Ok(None);
        };
        seed.deserialize(name.as_str().into_deserializer())
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (name, values) = self
            .next
            .take()
            .ok_or_else(|| Fault("a value without a name".to_owned()))?;
        let given = values.join(", ");
        let named = |fault: Fault| {
            let words = if fault.0.contains("UUID") {
                format!("is no id: “{given}”; several are given by repeating it")
            } else {
                fault.0
            };
            Fault(format!("The parameter “{name}” {words}."))
        };
        seed.deserialize(Values(values)).map_err(named)
    }
}

/// The values of one parameter.
struct Values(Vec<String>);

impl Values {
    fn one(mut self) -> Result<String, Fault> {
        match (self.0.pop(), self.0.is_empty()) {
            (Some(value), true) => Ok(value),
            _ => Err(Fault("is given more than once".to_owned())),
        }
    }

    fn parsed<T: FromStr>(self, wanted: &str) -> Result<T, Fault> {
        let text = self.one()?;
        text.parse()
            .map_err(|_| Fault(format!("is not {wanted}: “{text}”")))
    }
}

impl IntoDeserializer<'_, Fault> for Values {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Values {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_string(self.one()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_bool(self.parsed("true or false")?)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_i32(self.parsed("a whole number")?)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_i64(self.parsed("a whole number")?)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_u16(self.parsed("a number from 0")?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_u32(self.parsed("a number from 0")?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_u64(self.parsed("a number from 0")?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_f64(self.parsed("a number")?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_seq(SeqDeserializer::new(
            self.0.into_iter().map(|value| Self(vec![value])),
        ))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let word: StringDeserializer<Fault> = self.one()?.into_deserializer();
        word.deserialize_enum(name, words, visitor)
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u8 u128 f32 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct
        identifier ignored_any
    }
}
