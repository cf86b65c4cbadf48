//! The words of the domain that the code is strict about: ids, closed vocabularies, formats, and the small shapes that
//! descriptions are made of.

mod formats;
mod ids;
mod shapes;
mod vocabulary;

pub use formats::{FORMATS, Format, extension};
pub use ids::{
    AccountId, BlobId, EventId, KitId, LinkId, MaterialId, RenditionId, SearchId, TokenId, UnitId,
    UploadId,
};
pub use shapes::{Contact, Defaults, Person, Persons, Place, Recipient, Words};
pub use vocabulary::{
    BlobState, Kind, Origin, Processing, RenditionState, Role, Status, TextField, Thing, Turn,
    UploadState, Verdict, Via,
};
