//! The other world: PostgreSQL and an S3 server, real ones, started once for the whole run where `JARCHI_CHECKS_WORLD` says
//! `scaled`. They end with the process that runs the tests, however it ends. Each server of a test has a database and a
//! prefix of its own in them.

use std::{
    collections::BTreeSet,
    fs,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use aws_sdk_s3::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
};
use tempfile::TempDir;

const KEY: &str = "jarchi";
const SECRET: &str = "jarchi-secret";
const BUCKET: &str = "tests";
/// How long either may take to begin.
const BEGIN_WITHIN: Duration = Duration::from_secs(90);

/// Waits for the end of its input, which is the end of the tests, and then ends what it started.
const KEEPER: &str =
    r#""$@" & child=$!; cat > /dev/null; kill -INT $child; wait $child; exec rm -rf "$0""#;

/// Whether the tests run in the world of many nodes.
pub fn is_scaled() -> bool {
    std::env::var("JARCHI_CHECKS_WORLD").is_ok_and(|world| world == "scaled")
}

/// A database and a place for blobs, of nobody else.
pub fn settings() -> Vec<(String, String)> {
    if !is_scaled() {
        return Vec::new();
    }
    let name = format!("t{}", uuid::Uuid::now_v7().simple());
    let stores = stores();
    stores.postgres.create(&name);
    let own = |name: &str, value: String| (name.to_owned(), value);
    vec![
        own("JARCHI_DATABASE_URL", stores.postgres.url(&name)),
        own("JARCHI_STORAGE_URL", stores.s3.url(&name)),
        own("AWS_ACCESS_KEY_ID", KEY.to_owned()),
        own("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
    ]
}

/// One more database, with nothing in it.
pub fn another_database() -> String {
    let name = format!("t{}", uuid::Uuid::now_v7().simple());
    let postgres = &stores().postgres;
    postgres.create(&name);
    postgres.url(&name)
}

/// What lies in the store that these settings name.
pub async fn objects(settings: &[(String, String)]) -> BTreeSet<PathBuf> {
    let url = settings
        .iter()
        .find(|(name, _)| name == "JARCHI_STORAGE_URL");
    let (_, url) = url.expect("a store");
    let prefix = url.split(['?', '/']).nth(3).expect("a prefix");
    let list = stores().s3.client().list_objects_v2().bucket(BUCKET);
    let mut pages = list.prefix(format!("{prefix}/")).into_paginator().send();
    let mut found = BTreeSet::new();
    while let Some(page) = pages.next().await {
        let page = page.expect("the S3 server");
        found.extend(
            page.contents()
                .iter()
                .filter_map(|object| object.key().map(PathBuf::from)),
        );
    }
    found
}

/// Does something to the object whose bytes begin so; one that has no bytes then is removed.
pub async fn change(
    settings: &[(String, String)],
    beginning: &[u8],
    change: impl FnOnce(&mut Vec<u8>),
) {
    let client = stores().s3.client();
    for key in objects(settings).await {
        let key = key.to_str().expect("a key");
        let object = || (BUCKET.to_owned(), key.to_owned());
        let (bucket, name) = object();
        let got = client.get_object().bucket(bucket).key(name).send().await;
        let body = got
            .expect("an object")
            .body
            .collect()
            .await
            .expect("its bytes");
        let mut bytes = body.to_vec();
        if !bytes.starts_with(beginning) {
            continue;
        }
        change(&mut bytes);
        let (bucket, name) = object();
        if bytes.is_empty() {
            client
                .delete_object()
                .bucket(bucket)
                .key(name)
                .send()
                .await
                .expect("the S3 server");
        } else {
            let put = client
                .put_object()
                .bucket(bucket)
                .key(name)
                .body(bytes.into());
            put.send().await.expect("the S3 server");
        }
        return;
    }
    panic!("no object begins so");
}

pub struct Stores {
    pub postgres: Postgres,
    pub s3: S3,
}

/// Those of this run.
pub fn stores() -> &'static Stores {
    static STORES: OnceLock<Stores> = OnceLock::new();
    STORES.get_or_init(|| Stores {
        postgres: Postgres::start(),
        s3: S3::start(),
    })
}

/// PostgreSQL, in a folder of its own, as a user who is not root.
pub struct Postgres {
    port: u16,
    _keeper: Child,
}

impl Postgres {
    pub fn start() -> Self {
        let folder = folder();
        let bin = newest(Path::new("/usr/lib/postgresql")).join("bin");
        let user = Owner::of_postgres();
        user.take(&folder);
        let data = folder.join("data");
        let mut initdb = Command::new(bin.join("initdb"));
        user.run(&mut initdb);
        let made = initdb
            .args([
                "--username=jarchi",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
                "-D",
            ])
            .arg(&data)
            .current_dir(&folder)
            .output()
            .expect("initdb");
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let port = free_port();
        let mut keeper = keeper(&folder);
        user.run(&mut keeper);
        keeper
            .arg(bin.join("postgres"))
            .args([
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "fsync=off",
                "-c",
                "max_connections=400",
            ])
            .args(["-p", &port.to_string(), "-k"])
            .arg(&folder)
            .arg("-D")
            .arg(&data);
        let keeper = keeper.spawn().expect("sh");
        let postgres = Self {
            port,
            _keeper: keeper,
        };
        wait("PostgreSQL", || postgres.psql("postgres", "SELECT 1"));
        postgres
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://jarchi@127.0.0.1:{}/{database}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn create(&self, database: &str) {
        assert!(self.psql("postgres", &format!("CREATE DATABASE {database}")));
    }

    /// Whether the statement was carried out.
    pub fn psql(&self, database: &str, sql: &str) -> bool {
        let mut psql = Command::new("psql");
        psql.args([
            "--no-psqlrc",
            "--quiet",
            "-d",
            &self.url(database),
            "-c",
            sql,
        ]);
        psql.stdout(Stdio::null()).stderr(Stdio::null());
        psql.status().expect("psql").success()
    }
}

/// SeaweedFS, in a folder of its own.
pub struct S3 {
    port: u16,
    _keeper: Child,
}

impl S3 {
    pub fn start() -> Self {
        let folder = folder();
        let allowed = format!(
            r#"{{"identities":[{{"name":"jarchi","credentials":[{{"accessKey":"{KEY}","secretKey":"{SECRET}"}}],
            "actions":["Admin","Read","Write","List","Tagging"]}}]}}"#
        );
        fs::write(folder.join("s3.json"), allowed).expect("a file");
        fs::create_dir(folder.join("data")).expect("a folder");
        let ports: Vec<u16> = (0..4).map(|_| free_pair()).collect();
        let mut keeper = keeper(&folder);
        keeper
            .arg(weed())
            .args([
                "server",
                "-dir=data",
                "-ip=127.0.0.1",
                "-s3",
                "-s3.config=s3.json",
            ])
            .args([
                "-master.volumeSizeLimitMB=128",
                "-volume.max=200",
                "-s3.port.iceberg=0",
                "-s3.port.lance=0",
                "-master.telemetry=false",
            ])
            .arg(format!("-s3.port={}", ports[0]))
            .arg(format!("-master.port={}", ports[1]))
            .arg(format!("-volume.port={}", ports[2]))
            .arg(format!("-filer.port={}", ports[3]))
            .current_dir(&folder);
        let keeper = keeper.spawn().expect("sh");
        let s3 = Self {
            port: ports[0],
            _keeper: keeper,
        };
        // Its first answer is a refusal: nobody signed this.
        wait("the S3 server", || {
            ask(s3.port).is_some_and(|answer| answer.contains("AccessDenied"))
        });
        s3.make_bucket();
        s3
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    fn url(&self, prefix: &str) -> String {
        Self::url_at(prefix, self.port)
    }

    /// Through a proxy at another port.
    pub fn url_at(prefix: &str, port: u16) -> String {
        format!("s3://{BUCKET}/{prefix}?endpoint=http://127.0.0.1:{port}")
    }

    pub fn client(&self) -> Client {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .credentials_provider(Credentials::new(KEY, SECRET, None, None, "tests"))
            .region(Region::new("us-east-1"))
            .endpoint_url(self.endpoint())
            .force_path_style(true);
        Client::from_conf(config.build())
    }

    /// It answers before its parts know of each other.
    fn make_bucket(&self) {
        let client = self.client();
        std::thread::scope(|scope| {
            let made = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                let runtime = runtime.expect("a runtime");
                wait("a bucket", || {
                    let create = client.create_bucket().bucket(BUCKET).send();
                    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"x");
                    let put = client
                        .put_object()
                        .bucket(BUCKET)
                        .key("first")
                        .body(body)
                        .send();
                    runtime.block_on(async {
                        let _ = create.await;
                        put.await.is_ok()
                    })
                });
            });
            made.join().expect("a bucket");
        });
    }
}

/// Root starts PostgreSQL as its own user; everybody else as oneself.
struct Owner(Option<(u32, u32)>);

impl Owner {
    fn of_postgres() -> Self {
        if !rustix::process::geteuid().is_root() {
            return Self(None);
        }
        let users = fs::read_to_string("/etc/passwd").expect("the users");
        let line = users
            .lines()
            .find(|line| line.starts_with("postgres:"))
            .expect("a user postgres");
        let numbers: Vec<u32> = line
            .split(':')
            .filter_map(|word| word.parse().ok())
            .collect();
        Self(Some((numbers[0], numbers[1])))
    }

    fn take(&self, folder: &Path) {
        if let Self(Some((user, group))) = self {
            std::os::unix::fs::chown(folder, Some(*user), Some(*group)).expect("root");
        }
    }

    fn run(&self, command: &mut Command) {
        if let Self(Some((user, group))) = self {
            command.uid(*user).gid(*group);
        }
    }
}

/// A folder that its keeper removes.
fn folder() -> PathBuf {
    TempDir::with_prefix("jarchi-store-")
        .expect("a folder")
        .keep()
}

fn keeper(folder: &Path) -> Command {
    let mut keeper = Command::new("sh");
    let log = fs::File::create(folder.join("log")).expect("a log");
    keeper
        .args(["-c", KEEPER])
        .arg(folder)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(log.try_clone().expect("a log"))
        .stderr(log);
    keeper
}

/// Where `.ci/tools test` puts it, else wherever it is.
fn weed() -> PathBuf {
    let own = Path::new(env!("CARGO_TARGET_TMPDIR")).join("seaweedfs/bin/weed");
    if own.exists() { own } else { "weed".into() }
}

fn newest(folder: &Path) -> PathBuf {
    let versions = fs::read_dir(folder).expect("PostgreSQL").flatten();
    versions
        .map(|version| version.path())
        .max()
        .expect("PostgreSQL")
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// SeaweedFS speaks gRPC ten thousand above each of its ports.
fn free_pair() -> u16 {
    loop {
        let port = free_port() % 20_000 + 12_000;
        let free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
        if free(port) && free(port + 10_000) {
            return port;
        }
    }
}

fn ask(port: u16) -> Option<String> {
    use std::io::{Read, Write};

    let mut line = std::net::TcpStream::connect(("127.0.0.1", port)).ok()?;
    line.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .ok()?;
    let mut answer = String::new();
    line.read_to_string(&mut answer).ok()?;
    Some(answer)
}

fn wait(what: &str, mut is_there: impl FnMut() -> bool) {
    let until = Instant::now() + BEGIN_WITHIN;
    while !is_there() {
        assert!(Instant::now() < until, "{what} did not begin");
        std::thread::sleep(Duration::from_millis(100));
    }
}
