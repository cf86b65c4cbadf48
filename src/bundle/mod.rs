//! Press kits: an ordered, described bundle of materials that is downloaded as one ZIP. In come what an editor says and
//! the rows of the materials; out come the kit as each caller may see it, and the layout of its archive. A kit neither
//! opens nor embargoes a material: who sees what of it is asked of `access`, item by item.

mod archive;
mod basis;
mod check;
mod compose;
mod contents;
mod drafts;
mod files;
mod gather;
mod input;
mod kept;
mod kit;
pub mod links;
mod list;
mod named;
pub mod names;
mod numbers;
mod outline;
mod readiness;
mod release;
mod taken_back;
pub mod texts;
mod told;
mod write;
pub mod zip;

pub use archive::{Archive, Asked, Source, handover};
pub use compose::{add, change, create, delete, remove};
pub use contents::{Item, contents, covers, some};
pub use files::Files;
pub use input::{AddInput, ItemInput, ItemsToo, KitInput, KitTransitionInput};
pub use kept::{Kept, Laid, Sight};
pub use kit::{Kit, one};
pub use list::{Filter, list};
pub use named::{Named, named};
pub use outline::{Common, Outline, Outlined, outline};
pub use readiness::{Missing, Why, readiness};
pub use release::transition;
pub use taken_back::Withdrawn;
