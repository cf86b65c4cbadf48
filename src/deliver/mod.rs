//! Handing it over: what a request asks for of the bytes that it may have.

pub mod conditions;
pub mod ranges;
