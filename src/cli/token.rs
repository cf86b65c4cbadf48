//! The administrator's token: what the settings say, else what the first start made and keeps in the data folder, in a
//! file that its owner alone can read.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crate::{
    config::Config,
    error::{Code, Error, Result},
};

/// Where a token that was made is kept.
pub fn place(folder: &Path) -> PathBuf {
    folder.join("admin-token")
}

/// The token that opens the service to the commands.
///
/// # Errors
/// Refused, saying what to set, where there is none.
pub fn read(config: &Config) -> Result<String> {
    if let Some(token) = &config.admin_token {
        return Ok(token.clone());
    }
    let place = place(&config.data_dir);
    let said = |error: &io::Error| {
        let words = format!(
            "set JARCHI_ADMIN_TOKEN as the service has it: {}: {error}",
            place.display()
        );
        Error::refused(Code::Unauthenticated, words)
    };
    let text = fs::read_to_string(&place).map_err(|error| said(&error))?;
    Ok(text.trim().to_owned())
}

/// Keeps a token that was just made: when this returns, it is on the disk.
pub fn keep(folder: &Path, token: &str) -> Result<()> {
    let failed = |error| Error::unavailable("the data folder", error);
    let unnamed = folder.join("admin-token.new");
    match fs::remove_file(&unnamed) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let mut file = File::options()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&unnamed)
        .map_err(failed)?;
    writeln!(file, "{token}").map_err(failed)?;
    file.sync_all().map_err(failed)?;
    fs::rename(&unnamed, place(folder)).map_err(failed)?;
    let folder = File::open(folder).map_err(failed)?;
    folder.sync_all().map_err(failed)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_token_is_kept_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: folder.path().to_owned(),
            ..Config::default()
        };
        assert!(
            read(&config)
                .unwrap_err()
                .to_string()
                .contains("JARCHI_ADMIN_TOKEN")
        );
        keep(folder.path(), "jarchi_one").unwrap();
        keep(folder.path(), "jarchi_two").unwrap();
        assert_eq!(read(&config).unwrap(), "jarchi_two");
        let mode = fs::metadata(place(folder.path()))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let named = Config {
            admin_token: Some("set".to_owned()),
            ..config
        };
        assert_eq!(read(&named).unwrap(), "set");
    }
}
