//! Which part of an Office Open XML file points at which (ISO/IEC 29500-2 section 6.5): ids, kinds and targets.

use super::{
    archive::Archive,
    xml::{Step, walk},
};
use crate::error::Result;

#[derive(Default)]
pub struct Relations(Vec<Relation>);

struct Relation {
    id: String,
    kind: String,
    part: String,
}

impl Relations {
    /// The part that goes by this id.
    pub fn part(&self, id: &str) -> Option<&str> {
        let found = self.0.iter().find(|relation| relation.id == id);
        found.map(|relation| relation.part.as_str())
    }

    /// The first part whose kind ends so.
    pub fn of_kind(&self, ending: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|relation| relation.kind.ends_with(ending));
        found.map(|relation| relation.part.as_str())
    }
}

/// What `part` points at within the file.
pub fn of(archive: &mut Archive, part: &str) -> Result<Relations> {
    let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
    let mut relations = Relations::default();
    let Some(xml) = archive.part(&format!("{folder}/_rels/{name}.rels"))? else {
        return Ok(relations);
    };
    walk(&xml, |step| {
        if let Step::Open(element) = step
            && element.name == "Relationship"
            && element.get("TargetMode").as_deref() != Some("External")
            && let (Some(id), Some(kind), Some(target)) = (
                element.get("Id"),
                element.get("Type"),
                element.get("Target"),
            )
        {
            let part = resolve(folder, &target);
            relations.0.push(Relation { id, kind, part });
        }
        Ok(true)
    })?;
    Ok(relations)
}

/// `../notesSlides/notesSlide1.xml` seen from `ppt/slides`.
fn resolve(folder: &str, target: &str) -> String {
    let mut path: Vec<&str> = if target.starts_with('/') {
        Vec::new()
    } else {
        folder.split('/').collect()
    };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(path.pop()),
            name => path.push(name),
        }
    }
    path.join("/")
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn targets_are_seen_from_where_they_are_named() {
        assert_eq!(resolve("ppt/slides", "../notes/1.xml"), "ppt/notes/1.xml");
        assert_eq!(resolve("ppt", "slides/1.xml"), "ppt/slides/1.xml");
        assert_eq!(resolve("ppt", "/ppt/slides/1.xml"), "ppt/slides/1.xml");
    }
}
