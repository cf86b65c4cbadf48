//! The files of a folder and of those in it, by name. Hidden ones are left out, and so are links that lead outside, what
//! is no file, and the data folder itself.

use std::{
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
};

use crate::error::{Code, Error, Result};

/// A file to bring in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub path: PathBuf,
    /// Its path within the folder.
    pub name: String,
    /// In bytes, when it was found.
    pub size: u64,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Found {
    pub files: Vec<Candidate>,
    /// Names that cannot be looked at, and why.
    pub unreadable: Vec<(String, String)>,
    /// How many were passed over: hidden, leading outside, no files.
    pub skipped: u64,
}

/// Looks through `folder`.
///
/// # Errors
/// Refused where the folder itself cannot be read.
pub fn find(folder: &Path, data_dir: &Path) -> Result<Found> {
    let refused = |error: io::Error| {
        let words = format!("{}: {error}", folder.display());
        Error::refused(Code::NotFound, words)
    };
    let root = folder.canonicalize().map_err(refused)?;
    fs::read_dir(&root).map_err(refused)?;
    let mut walk = Walk {
        // A data folder that is not there yet holds nothing that could be met.
        own: data_dir.canonicalize().ok(),
        root,
        found: Found::default(),
    };
    walk.enter(&walk.root.clone());
    Ok(walk.found)
}

struct Walk {
    root: PathBuf,
    own: Option<PathBuf>,
    found: Found,
}

impl Walk {
    fn enter(&mut self, folder: &Path) {
        match entries(folder) {
            Ok(paths) => paths.iter().for_each(|path| self.meet(path)),
            Err(error) => self.unreadable(folder, &error),
        }
    }

    fn meet(&mut self, path: &Path) {
        let name = path.file_name().unwrap_or_default();
        if name.as_encoded_bytes().starts_with(b".") || self.own.as_deref() == Some(path) {
            self.found.skipped += 1;
            return;
        }
        match fs::symlink_metadata(path) {
            Ok(about) if about.is_dir() => self.enter(path),
            Ok(about) if about.is_file() => self.take(path, &about),
            Ok(about) if about.is_symlink() => self.follow(path),
            Ok(_) => self.found.skipped += 1,
            Err(error) => self.unreadable(path, &error),
        }
    }

    /// A link to a file inside is that file under one more name; a folder inside is met on its own.
    fn follow(&mut self, path: &Path) {
        match path.canonicalize() {
            Ok(target) if target.is_file() && target.starts_with(&self.root) => {
                match fs::metadata(&target) {
                    Ok(about) => self.take(path, &about),
                    Err(error) => self.unreadable(path, &error),
                }
            }
            Ok(_) => self.found.skipped += 1,
            Err(error) => self.unreadable(path, &error),
        }
    }

    fn take(&mut self, path: &Path, about: &Metadata) {
        self.found.files.push(Candidate {
            name: self.name(path),
            path: path.to_owned(),
            size: about.len(),
        });
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        let name = self.name(path);
        self.found.unreadable.push((name, error.to_string()));
    }

    fn name(&self, path: &Path) -> String {
        let inside = path.strip_prefix(&self.root).unwrap_or(path);
        inside.to_string_lossy().into_owned()
    }
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_folder_is_walked_by_name_and_never_left() {
        let place = tempfile::tempdir().unwrap();
        let outside = place.path().join("outside");
        let root = place.path().join("card");
        for folder in [
            &outside,
            &root.join("b/c"),
            &root.join(".hidden"),
            &root.join("data"),
        ] {
            fs::create_dir_all(folder).unwrap();
        }
        for file in [
            "b/c/Суд.txt",
            "b/2.txt",
            "a.txt",
            ".hidden/x",
            "data/jarchi.db",
            "b/.y",
        ] {
            fs::write(root.join(file), file).unwrap();
        }
        fs::write(outside.join("secret"), "secret").unwrap();
        symlink(outside.join("secret"), root.join("leads-out")).unwrap();
        symlink(&outside, root.join("leads-out-too")).unwrap();
        symlink("a.txt", root.join("z.txt")).unwrap();
        symlink(".", root.join("loop")).unwrap();
        symlink("nowhere", root.join("broken")).unwrap();

        let found = find(&root, &root.join("data")).unwrap();
        let names: Vec<&str> = found.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a.txt", "b/2.txt", "b/c/Суд.txt", "z.txt"]);
        assert_eq!(found.files[0].size, 5);
        assert_eq!(found.skipped, 6);
        assert_eq!(found.unreadable.len(), 1, "{:?}", found.unreadable);
        assert_eq!(found.unreadable[0].0, "broken");
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = find(Path::new("/nowhere/at/all"), Path::new("data")).unwrap_err();
        assert!(
            error.to_string().starts_with("/nowhere/at/all: "),
            "{error}"
        );
    }
}
