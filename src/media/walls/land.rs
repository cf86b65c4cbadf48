//! The file system and the network, by Landlock (landlock(7)): as much of it as this kernel knows. What is open stays
//! open; nothing else can be opened, made, renamed or run, no TCP port bound or reached, no abstract socket spoken to
//! and no signal sent out of the box.

use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, Scope,
};

use crate::error::{Error, Result};

/// The newest walls that we know of; a kernel that has fewer gives those.
const NEWEST: ABI = ABI::V10;

/// What a program of the system may read and run: programs and libraries, their settings, fonts, trained data.
pub const SYSTEM: [&str; 13] = [
    "/usr",
    "/bin",
    "/lib",
    "/lib64",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/java-17-openjdk",
    "/etc/ld.so.cache",
    "/etc/libreoffice",
    "/etc/localtime",
    "/var/cache/fontconfig",
    "/var/lib/libreoffice",
    "/var/spool/libreoffice",
];
/// Devices that hold nothing of anybody's.
const DEVICES: [&str; 4] = ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"];

/// Leaves this process no file, no port, no socket, no one to signal.
pub fn leave_nothing() -> Result<()> {
    rules().and_then(finish).map_err(failed)
}

/// Leaves this process and its children the system to read, and `folder` to work in.
pub fn leave_the_system_and(folder: &Path) -> Result<()> {
    let read = AccessFs::from_read(NEWEST);
    let write = AccessFs::from_all(NEWEST);
    let mut rules = rules().map_err(failed)?;
    for path in SYSTEM {
        rules = allow(rules, path, read).map_err(failed)?;
    }
    for path in office() {
        rules = allow(rules, &path, read).map_err(failed)?;
    }
    for path in DEVICES {
        rules = allow(rules, path, AccessFs::ReadFile | AccessFs::WriteFile).map_err(failed)?;
    }
    let folder = PathFd::new(folder)
        .map_err(|cause| Error::internal("the folder of a boxed program", cause))?;
    rules
        .add_rule(PathBeneath::new(folder, write))
        .and_then(finish)
        .map_err(failed)
}

/// Where `LibreOffice` lies that did not come with the system.
fn office() -> Vec<String> {
    let there = std::fs::read_dir("/opt").into_iter().flatten().flatten();
    let paths = there.filter_map(|entry| entry.path().into_os_string().into_string().ok());
    paths
        .filter(|path| path.starts_with("/opt/libreoffice"))
        .collect()
}

fn rules() -> Result<RulesetCreated, RulesetError> {
    Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()
}

/// A path that this system has not is no loss.
fn allow(
    rules: RulesetCreated,
    path: &str,
    access: landlock::BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    match PathFd::new(path) {
        Ok(there) => {
            let access = if Path::new(path).is_dir() {
                access
            } else {
                access & AccessFs::from_file(NEWEST)
            };
            rules.add_rule(PathBeneath::new(there, access))
        }
        Err(_) => Ok(rules),
    }
}

fn finish(rules: RulesetCreated) -> Result<(), RulesetError> {
    rules.restrict_self().map(|_| ())
}

fn failed(cause: RulesetError) -> Error {
    Error::internal("Landlock round a media child", cause)
}

/// Asks for the walls that matter without raising them.
pub fn lacking() -> Option<&'static str> {
    let made = |access: ABI| {
        Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessFs::from_all(access))
            .and_then(Ruleset::create)
            .is_ok()
    };
    if !made(ABI::V1) {
        Some("Landlock, which closes the file system (Linux 5.13, lsm=landlock)")
    } else if !made(ABI::V3) {
        Some("the part of Landlock that keeps files from being cut short (Linux 6.2)")
    } else {
        None
    }
}
