//! The process under test: started on a free port with a folder of its own, ready when it says so, its log held
//! against what a test may see, and killed by its id at the end.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::Mutex,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use super::{stores, until};

/// The administrator's token in every test.
pub const ADMIN: &str = "the-token-of-the-administrator-of-tests";

pub struct Server {
    process: Child,
    folder: TempDir,
    settings: Vec<(String, String)>,
    address: String,
    /// What the process is asked to do, such as `serve`.
    role: Vec<&'static str>,
    /// Words of complaints that this test provokes.
    provoked: Vec<&'static str>,
}

/// A client may leave while its request commits, which is rolled back when it has committed: `PostgreSQL` remarks on it.
const LEFT_IN_A_COMMIT: &str = "there is no transaction in progress";

impl Server {
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut all = stores::settings();
        // What a test says wins.
        all.retain(|(known, _)| settings.iter().all(|(name, _)| name != known));
        all.extend(settings.iter().map(owned));
        Self::begin(folder, all, vec!["serve"]).await
    }

    /// On a folder that has an archive already.
    pub async fn on(folder: TempDir, settings: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self::begin(folder, settings.iter().map(owned).collect(), vec!["serve"]).await
    }

    /// Another node on the same database and the same store, with a folder of its own.
    pub async fn beside(&self, role: &[&'static str]) -> Self {
        self.beside_with(role, &[]).await
    }

    /// The same with other settings.
    pub async fn beside_with(&self, role: &[&'static str], other: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut settings = self.settings.clone();
        settings.retain(|(known, _)| other.iter().all(|(name, _)| name != known));
        settings.extend(
            other
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        Self::begin(folder, settings, role.to_vec()).await
    }

    async fn begin(
        folder: TempDir,
        settings: Vec<(String, String)>,
        role: Vec<&'static str>,
    ) -> Self {
        let mut server = Self {
            process: spawn(folder.path(), &settings, &role),
            folder,
            settings,
            address: String::new(),
            role,
            provoked: vec![LEFT_IN_A_COMMIT],
        };
        server.wait().await;
        server
    }

    /// With another setting from the next start on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    pub fn setting(&self, name: &str) -> String {
        let found = self.settings.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// The same folder again, once the process before has ended.
    pub async fn restart(&mut self) {
        self.kill();
        self.process = spawn(self.folder.path(), &self.settings, &self.role);
        self.wait().await;
    }

    /// `http://127.0.0.1:…`
    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Whether the process has not ended.
    pub fn lives(&mut self) -> bool {
        self.process
            .try_wait()
            .expect("a child of this process")
            .is_none()
    }

    /// As power cuts do it: SIGKILL, and the end of the process.
    pub fn kill(&mut self) {
        // An error means that it has ended already, which is what is wanted.
        let _ = self.process.kill();
        self.process.wait().expect("the end of the process");
    }

    /// As administrators do it: SIGTERM, and how it ended.
    pub async fn stop(&mut self) -> ExitStatus {
        let pid = i32::try_from(self.process.id())
            .ok()
            .and_then(Pid::from_raw)
            .expect("a process id");
        kill_process(pid, Signal::TERM).expect("a running process");
        let process = Mutex::new(&mut self.process);
        until("the server to stop", async || {
            process
                .lock()
                .expect("no test panics in here")
                .try_wait()
                .expect("a child of this process")
        })
        .await
    }

    /// The files in its store.
    pub async fn blobs(&self) -> BTreeSet<PathBuf> {
        if stores::is_scaled() {
            return stores::objects(&self.settings).await;
        }
        let (mut folders, mut files) = (vec![self.data().join("blobs")], BTreeSet::new());
        while let Some(folder) = folders.pop() {
            // A folder may be gone as soon as it is empty.
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.insert(path);
                }
            }
        }
        files
    }

    /// Does something to the blob whose bytes begin so; one that has no bytes then is removed.
    pub async fn change(&self, beginning: &[u8], change: impl FnOnce(&mut Vec<u8>)) {
        if stores::is_scaled() {
            return stores::change(&self.settings, beginning, change).await;
        }
        let all = self.blobs().await.into_iter();
        let mut read = all.map(|path| (fs::read(&path).expect("a blob"), path));
        let found = read.find(|(bytes, _)| bytes.starts_with(beginning));
        let (mut bytes, path) = found.expect("a blob that begins so");
        change(&mut bytes);
        if bytes.is_empty() {
            fs::remove_file(path).expect("a blob");
        } else {
            fs::write(path, bytes).expect("a blob");
        }
    }

    /// A command of the product on this server's folder, to its end.
    pub fn command(&self, arguments: &[&str]) -> std::process::Output {
        command(self.folder.path(), &self.settings)
            .args(arguments)
            .output()
            .expect("the binary")
    }

    /// What this test provokes: the server may warn in these words.
    pub fn may_complain_of(&mut self, words: &'static str) {
        self.provoked.push(words);
    }

    /// What the process wrote to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).expect("the log")
    }

    async fn wait(&mut self) {
        let process = Mutex::new(&mut self.process);
        let folder = self.folder.path();
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        self.address = until("the server to be ready", async || {
            let ended = process
                .lock()
                .expect("no test panics in here")
                .try_wait()
                .expect("a child of this process");
            assert!(
                ended.is_none(),
                "it ended: {}",
                fs::read_to_string(folder.join("log")).unwrap_or_default()
            );
            let said = fs::read_to_string(folder.join("said")).expect("the standard output");
            if said.contains("Jarchi works") {
                return Some(String::new());
            }
            let address = said
                .split_whitespace()
                .find(|word| word.starts_with("http://127.0.0.1:"))?;
            let address = address.trim_end_matches('/').to_owned();
            let answer = http.get(format!("{address}/readyz")).send().await.ok()?;
            answer.status().is_success().then_some(address)
        })
        .await;
    }

    /// The lines of the log that no test wants to see: warnings, errors, and what is no line of a log at all.
    fn surprises(&self) -> Vec<String> {
        let log = self.log();
        let surprising = log.lines().filter(|line| {
            let level = serde_json::from_str::<Value>(line)
                .map(|entry| entry["level"].as_str().map(str::to_owned));
            !matches!(
                level.ok().flatten().as_deref(),
                Some("INFO" | "DEBUG" | "TRACE")
            )
        });
        let provoked = |line: &&str| self.provoked.iter().any(|words| line.contains(words));
        let surprising = surprising.filter(|line| !provoked(line));
        surprising.map(str::to_owned).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        let surprises = self.surprises();
        if std::thread::panicking() {
            eprintln!("the server's log ends with:\n{}", tail(&self.log()));
        } else {
            assert!(
                surprises.is_empty(),
                "the server complained:\n{}",
                surprises.join("\n")
            );
        }
    }
}

/// The binary in the folder, without any setting of whoever runs the tests.
pub fn command(folder: &Path, settings: &[(String, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jarchi"));
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("JARCHI_"))
    {
        command.env_remove(name);
    }
    command
        .current_dir(folder)
        .env("JARCHI_LISTEN", "127.0.0.1:0")
        .env("JARCHI_DATA_DIR", folder.join("data"))
        .env("JARCHI_ADMIN_TOKEN", ADMIN)
        .env("JARCHI_LOG_FORMAT", "json")
        // Only tests of what these are for wait for them.
        .env("JARCHI_TESSERACT", "/nonexistent")
        .env("JARCHI_LIBREOFFICE", "/nonexistent")
        .env("JARCHI_REQUESTS_PER_MINUTE", "0")
        .env("JARCHI_ADDRESS_REQUESTS_PER_MINUTE", "0")
        .env("JARCHI_WRONG_TOKENS_PER_MINUTE", "0")
        .env("JARCHI_BYTES_PER_DAY", "0")
        .env("JARCHI_ADDRESS_BYTES_PER_DAY", "0")
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null());
    command
}

fn spawn(folder: &Path, settings: &[(String, String)], role: &[&str]) -> Child {
    let log = File::options()
        .create(true)
        .append(true)
        .open(folder.join("log"))
        .expect("a file");
    // Made new each time: the address is that of this process.
    let said = File::create(folder.join("said")).expect("a file");
    command(folder, settings)
        .args(role)
        .stdout(said)
        .stderr(log)
        .spawn()
        .expect("the binary")
}

/// The end of a log, less the requests that went well.
fn tail(log: &str) -> String {
    let dull = |line: &&str| line.contains("\"answered\"") && line.contains("\"status\":2");
    let lines: Vec<&str> = log.lines().filter(|line| !dull(line)).collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
