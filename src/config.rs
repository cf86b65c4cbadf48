//! One [`Config`], read once: `jarchi.toml` in the working folder, each setting also as an environment variable, which
//! wins. The defaults are the embedded mode. What is unknown or wrong stops the start with a line that says which and
//! why. This is the only module that reads the environment.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;

const PREFIX: &str = "JARCHI_";

/// The settings, named as in `jarchi.toml`; `JARCHI_` and the name in capitals is the variable of each.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    /// Empty: `sqlite://<data_dir>/jarchi.db`.
    pub database_url: String,
    /// Empty: `file://<data_dir>/blobs`.
    pub storage_url: String,
    /// What the `AWS_…` variables say, for an S3 store.
    #[serde(skip)]
    pub aws: Aws,
    /// Whether what is public is read from an S3 store itself, at an address that lasts a minute.
    pub storage_redirects: bool,
    /// How long an upload waits for its next part.
    #[serde(deserialize_with = "span")]
    pub upload_expiry: Duration,
    /// The first administrator's token; unset, the first start makes one.
    pub admin_token: Option<String>,
    /// The address under which people reach this service: with it, `url`s are absolute.
    pub public_url: Option<String>,
    /// In bytes; 0 means no limit.
    pub max_upload_size: u64,
    #[serde(deserialize_with = "list")]
    pub cors_origins: Vec<String>,
    /// Addresses of proxies whose `X-Forwarded-For` is believed.
    #[serde(deserialize_with = "list")]
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// An IANA name: what a day means in searches, and what a date without a zone means in a file.
    #[serde(deserialize_with = "zone")]
    pub time_zone: jiff::tz::TimeZone,
    /// Whether readers may have photos' originals, which carry positions and serial numbers.
    pub photo_originals: bool,
    /// Whether files that readers get say where a photo was taken, to the metre, where an editor confirmed it.
    pub photo_positions: bool,
    /// What the sound of renditions is brought to, in LUFS (EBU R 128).
    pub loudness: f64,
    /// The program that recognises letters in scanned pages; used where it is there.
    pub tesseract: PathBuf,
    /// `LibreOffice`, which prints office files; used where it is there.
    pub libreoffice: PathBuf,
    /// Where the scanner for malware listens; without one, nothing is scanned.
    #[serde(deserialize_with = "clamd")]
    pub clamd_url: Option<Clamd>,
    /// Requests that an account, or a link, may make in a minute; 0 means no limit, as in all of these.
    pub requests_per_minute: u64,
    /// The same of an address without a token.
    pub address_requests_per_minute: u64,
    /// Bytes of files that an account, or a link, may take in a day.
    pub bytes_per_day: u64,
    /// The same of an address without a token.
    pub address_bytes_per_day: u64,
    /// Wrong tokens that may come from an address in a minute.
    pub wrong_tokens_per_minute: u64,
    /// How long the audit is kept; none: for ever.
    #[serde(deserialize_with = "span_or_ever")]
    pub audit_keep: Option<Duration>,
    /// Jobs that run at once in this process; 0: one for each processor.
    pub workers: usize,
    /// The office's own renditions; `media` reads them.
    pub presets: Vec<toml::Table>,
    pub metrics_listen: Option<SocketAddr>,
    pub log: String,
    pub log_format: LogFormat,
}

/// The socket of a `clamd`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clamd {
    /// `unix:///run/clamav/clamd.ctl`
    Unix(PathBuf),
    /// `tcp://host:port`
    Tcp(String),
}

/// Who speaks to an S3 store, and where it is, as other programs are told it, too.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Aws {
    pub access_key_id: Option<String>,
    pub secret_access_key: Option<String>,
    pub session_token: Option<String>,
    pub region: Option<String>,
    pub endpoint: Option<String>,
}

impl std::fmt::Debug for Aws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            region, endpoint, ..
        } = self;
        f.debug_struct("Aws")
            .field("region", region)
            .field("endpoint", endpoint)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 8080).into(),
            data_dir: "data".into(),
            database_url: String::new(),
            storage_url: String::new(),
            aws: Aws::default(),
            storage_redirects: false,
            upload_expiry: Duration::from_hours(7 * 24),
            admin_token: None,
            public_url: None,
            max_upload_size: 0,
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            time_zone: jiff::tz::TimeZone::get("Asia/Tashkent").unwrap_or(jiff::tz::TimeZone::UTC),
            photo_originals: false,
            photo_positions: false,
            loudness: -23.0,
            tesseract: "/usr/bin/tesseract".into(),
            libreoffice: "/usr/bin/soffice".into(),
            clamd_url: None,
            requests_per_minute: 60_000,
            address_requests_per_minute: 3_000,
            bytes_per_day: 1_000_000_000_000,
            address_bytes_per_day: 200_000_000_000,
            wrong_tokens_per_minute: 30,
            audit_keep: None,
            workers: 0,
            presets: Vec::new(),
            metrics_listen: None,
            log: "info".into(),
            log_format: LogFormat::Text,
        }
    }
}

impl Config {
    /// Reads `jarchi.toml` (or the file that `JARCHI_CONFIG` names) and the environment.
    ///
    /// # Errors
    /// One line that names the setting and says what is wrong with it.
    pub fn read() -> Result<Self, String> {
        let named = std::env::var_os("JARCHI_CONFIG").map(PathBuf::from);
        let path = named.clone().unwrap_or_else(|| "jarchi.toml".into());
        let file = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => {
                String::new()
            }
            Err(error) => return Err(format!("{}: {error}", path.display())),
        };
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter(|(name, _)| is_setting(name))
            .map(|(name, value)| match value.into_string() {
                Ok(value) => Ok((name, value)),
                Err(_) => Err(format!("{name} is not UTF-8")),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut config = Self::from_sources(&file, &path, environment)?;
        config.aws = Aws::read();
        Ok(config)
    }

    /// Where this node keeps what it needs for a moment.
    pub fn scratch(&self) -> PathBuf {
        scratch(&self.data_dir)
    }

    /// A path of this service as clients get it: absolute where the settings say under which address people reach it.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_deref().unwrap_or_default())
    }

    fn from_sources(
        file: &str,
        path: &Path,
        environment: Vec<(String, String)>,
    ) -> Result<Self, String> {
        let mut table: toml::Table = file
            .parse()
            .map_err(|e: toml::de::Error| format!("{}: {}", path.display(), e.message()))?;
        let mut names = std::collections::BTreeMap::new();
        for (variable, value) in environment {
            let name = variable[PREFIX.len()..].to_lowercase();
            table.insert(
                name.clone(),
                typed(&name, value).map_err(|why| format!("{variable} {why}"))?,
            );
            names.insert(name, variable);
        }
        let config: Self =
            serde_path_to_error::deserialize(toml::Value::Table(table)).map_err(|error| {
                let name = error.path().to_string();
                let said_as = names
                    .get(&name)
                    .cloned()
                    .unwrap_or_else(|| format!("{} in {}", name, path.display()));
                format!(
                    "{said_as}: {}",
                    error.inner().to_string().trim().replace('\n', " ")
                )
            })?;
        config.checked()
    }

    fn checked(mut self) -> Result<Self, String> {
        if self.database_url.is_empty() {
            self.database_url = format!("sqlite://{}", self.data_dir.join("jarchi.db").display());
        }
        if self.storage_url.is_empty() {
            self.storage_url = format!("file://{}", self.data_dir.join("blobs").display());
        }
        one_of(
            "DATABASE_URL",
            &self.database_url,
            &["sqlite://", "postgres://", "postgresql://"],
        )?;
        one_of("STORAGE_URL", &self.storage_url, &["file://", "s3://"])?;
        if self.database_url.starts_with("postgres") && self.admin_token.is_none() {
            return Err(
                "JARCHI_ADMIN_TOKEN must be set with PostgreSQL: many nodes, one token".into(),
            );
        }
        if self
            .admin_token
            .as_ref()
            .is_some_and(|token| token.len() < 32)
        {
            return Err("JARCHI_ADMIN_TOKEN is shorter than 32 characters".into());
        }
        if let Some(url) = &mut self.public_url {
            if !(url.starts_with("http://") || url.starts_with("https://")) {
                return Err("JARCHI_PUBLIC_URL does not begin with http:// or https://".into());
            }
            url.truncate(url.trim_end_matches('/').len());
        }
        if !(-40.0..=-10.0).contains(&self.loudness) {
            return Err("JARCHI_LOUDNESS: programmes are between -40 and -10 LUFS".into());
        }
        if self.workers == 0 {
            self.workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        }
        Ok(self)
    }
}

/// `JARCHI_CHECKS_…` is what black-box checks of a running service are told; they hand their environment on.
fn is_setting(name: &str) -> bool {
    name.starts_with(PREFIX) && name != "JARCHI_CONFIG" && !name.starts_with("JARCHI_CHECKS_")
}

impl Aws {
    fn read() -> Self {
        let said = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            access_key_id: said("AWS_ACCESS_KEY_ID"),
            secret_access_key: said("AWS_SECRET_ACCESS_KEY"),
            session_token: said("AWS_SESSION_TOKEN"),
            region: said("AWS_REGION").or_else(|| said("AWS_DEFAULT_REGION")),
            endpoint: said("AWS_ENDPOINT_URL_S3").or_else(|| said("AWS_ENDPOINT_URL")),
        }
    }
}

/// Where a process that holds this data folder keeps what it needs for a moment.
pub fn scratch(data_dir: &Path) -> PathBuf {
    data_dir.join("scratch")
}

fn one_of(name: &str, url: &str, schemes: &[&str]) -> Result<(), String> {
    if schemes.iter().any(|scheme| url.starts_with(scheme)) {
        return Ok(());
    }
    Err(format!(
        "JARCHI_{name} begins with none of {}",
        schemes.join(", ")
    ))
}

/// A variable's text as the type that the setting has in the file.
fn typed(name: &str, text: String) -> Result<toml::Value, String> {
    Ok(match name {
        "max_upload_size"
        | "workers"
        | "requests_per_minute"
        | "address_requests_per_minute"
        | "bytes_per_day"
        | "address_bytes_per_day"
        | "wrong_tokens_per_minute" => toml::Value::Integer(
            text.trim()
                .parse()
                .map_err(|_| format!("is not a whole number: “{text}”"))?,
        ),
        "photo_originals" | "photo_positions" | "storage_redirects" => toml::Value::Boolean(
            text.trim()
                .parse()
                .map_err(|_| format!("is neither true nor false: “{text}”"))?,
        ),
        "loudness" => toml::Value::Float(
            text.trim()
                .parse()
                .map_err(|_| format!("is not a number: “{text}”"))?,
        ),
        _ => toml::Value::String(text),
    })
}

/// A list, or (in a variable) words between commas.
fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Words(String),
        List(Vec<String>),
    }
    let words = match Either::deserialize(deserializer)? {
        Either::Words(words) => words
            .split(',')
            .map(|word| word.trim().to_owned())
            .collect(),
        Either::List(list) => list,
    };
    let parse = |word: &String| {
        word.parse()
            .map_err(|e| serde::de::Error::custom(format!("“{word}”: {e}")))
    };
    words
        .iter()
        .filter(|word| !word.is_empty())
        .map(parse)
        .collect()
}

fn clamd<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Clamd>, D::Error> {
    let url = String::deserialize(deserializer)?;
    if url.is_empty() {
        return Ok(None);
    }
    if let Some(path) = url.strip_prefix("unix://").filter(|p| p.starts_with('/')) {
        return Ok(Some(Clamd::Unix(path.into())));
    }
    let host = url
        .strip_prefix("tcp://")
        .map(|host| host.trim_end_matches('/'));
    let is_whole = |host: &&str| {
        let port = host.rsplit_once(':').filter(|(name, _)| !name.is_empty());
        port.is_some_and(|(_, port)| port.parse::<u16>().is_ok())
    };
    let host = host.filter(is_whole).ok_or_else(|| {
        serde::de::Error::custom(format!(
            "“{url}” is neither unix:///path/of/the/socket nor tcp://host:port"
        ))
    })?;
    Ok(Some(Clamd::Tcp(host.to_owned())))
}

/// `7d`, `12h`, `90s`.
fn span<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    let wrong = || serde::de::Error::custom(format!("“{text}” is no time such as 7d, 12h or 90s"));
    let span: jiff::Span = text.parse().map_err(|_| wrong())?;
    let days = jiff::SpanRelativeTo::days_are_24_hours();
    let span = span.to_duration(days).map_err(|_| wrong())?;
    Duration::try_from(span).map_err(|_| wrong())
}

/// The same, or nothing, which is for ever.
fn span_or_ever<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    span(serde::de::value::StringDeserializer::<D::Error>::new(text)).map(Some)
}

fn zone<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<jiff::tz::TimeZone, D::Error> {
    let name = String::deserialize(deserializer)?;
    jiff::tz::TimeZone::get(&name).map_err(|_| {
        serde::de::Error::custom(format!("“{name}” is not a time zone of the IANA database"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let environment = environment
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        Config::from_sources(file, Path::new("jarchi.toml"), environment)
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let config = read(
            "listen = '127.0.0.1:1'\nworkers = 3",
            &[("JARCHI_LISTEN", "127.0.0.1:2")],
        )
        .unwrap();
        assert_eq!((config.listen.port(), config.workers), (2, 3));
    }

    #[test]
    fn the_blobs_and_the_database_follow_the_data_folder() {
        let config = read("", &[("JARCHI_DATA_DIR", "/srv/j")]).unwrap();
        assert_eq!(config.database_url, "sqlite:///srv/j/jarchi.db");
        assert_eq!(config.storage_url, "file:///srv/j/blobs");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (file, variable, value, words) in [
            ("", "JARCHI_LISTNE", "x", "JARCHI_LISTNE"),
            ("", "JARCHI_LISTEN", "nowhere", "JARCHI_LISTEN"),
            ("", "JARCHI_TIME_ZONE", "Asia/Nowhere", "Asia/Nowhere"),
            ("", "JARCHI_CLAMD_URL", "localhost:3310", "unix://"),
            ("", "JARCHI_CLAMD_URL", "tcp://localhost", "host:port"),
            ("", "JARCHI_WORKERS", "many", "many"),
            ("", "JARCHI_ADMIN_TOKEN", "short", "32"),
            ("colour = 1", "JARCHI_WORKERS", "1", "colour"),
            ("", "JARCHI_DATABASE_URL", "mysql://x", "postgres://"),
            ("", "JARCHI_STORAGE_URL", "ftp://x", "s3://"),
            ("", "JARCHI_UPLOAD_EXPIRY", "soon", "7d"),
        ] {
            let error = read(file, &[(variable, value)]).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
