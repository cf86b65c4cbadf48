//! The shapes of the database, step by step, for both engines. A step that has been released is never changed; it
//! expands first and contracts a version later, so that two versions can serve side by side. This crate never imports
//! the entities of the main one: a step describes the tables as they were when it was written.

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};

mod announced;
mod early;
mod ended;
mod first;
mod framed;
mod lanes;
mod ledger;
mod links;
mod poster;
mod presets;
mod recognised;
mod rotten;
mod scanned;
mod searches;
mod swept;
mod uploads;
mod usage;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(first::Migration),
            Box::new(framed::Migration),
            Box::new(presets::Migration),
            Box::new(recognised::Migration),
            Box::new(poster::Migration),
            Box::new(scanned::Migration),
            Box::new(uploads::Migration),
            Box::new(ended::Migration),
            Box::new(searches::Migration),
            Box::new(links::Migration),
            Box::new(announced::Migration),
            Box::new(ledger::Migration),
            Box::new(usage::Migration),
            Box::new(rotten::Migration),
            Box::new(lanes::Migration),
            Box::new(swept::Migration),
            Box::new(early::Migration),
        ]
    }
}
