//! `s3://bucket/prefix?endpoint=…&region=…&path_style=…&checksums=…`: where an S3-compatible store is, and how it is
//! spoken to.

use url::Url;

use crate::config::Aws;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub bucket: String,
    /// Empty, or with a slash at its end.
    pub prefix: String,
    /// None: Amazon's own.
    pub endpoint: Option<String>,
    pub region: String,
    /// `endpoint/bucket/key` rather than `bucket.endpoint/key`.
    pub path_style: bool,
    /// Whether each object goes out with its SHA-256, which the store holds against what it got.
    pub checksums: bool,
}

impl Address {
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(url: &str, aws: &Aws) -> Result<Self, String> {
        let url = Url::parse(url).map_err(|error| format!("“{url}”: {error}"))?;
        let bucket = url.host_str().unwrap_or_default().to_owned();
        if bucket.len() < 3 {
            return Err("names no bucket: s3://bucket/prefix".to_owned());
        }
        let prefix = url.path().trim_matches('/');
        let prefix = match prefix {
            "" => String::new(),
            some => format!("{some}/"),
        };
        let mut address = Self {
            bucket,
            prefix,
            endpoint: aws.endpoint.clone(),
            region: aws.region.clone().unwrap_or_else(|| "us-east-1".to_owned()),
            path_style: aws.endpoint.is_some(),
            checksums: true,
        };
        let mut style = None;
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "endpoint" => address.endpoint = Some(http(&value)?),
                "region" => address.region = value.into_owned(),
                "path_style" => style = Some(whether(&name, &value)?),
                "checksums" => address.checksums = whether(&name, &value)?,
                other => return Err(format!("has an unknown parameter “{other}”")),
            }
        }
        address.path_style = style.unwrap_or(address.endpoint.is_some());
        Ok(address)
    }
}

fn http(value: &str) -> Result<String, String> {
    let is_http = value.starts_with("http://") || value.starts_with("https://");
    is_http
        .then(|| value.trim_end_matches('/').to_owned())
        .ok_or_else(|| {
            format!("has an endpoint that begins with neither http:// nor https://: “{value}”")
        })
}

fn whether(name: &str, value: &str) -> Result<bool, String> {
    value
        .parse()
        .map_err(|_| format!("has a {name} that is neither true nor false: “{value}”"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Address, String> {
        Address::parse(url, &Aws::default())
    }

    #[test]
    fn an_address_says_all_that_must_be_known() {
        let here = parse(
            "s3://footage/archive/2026/?endpoint=http://127.0.0.1:8333/&region=tas&checksums=false",
        )
        .unwrap();
        assert_eq!(
            here,
            Address {
                bucket: "footage".into(),
                prefix: "archive/2026/".into(),
                endpoint: Some("http://127.0.0.1:8333".into()),
                region: "tas".into(),
                path_style: true,
                checksums: false,
            }
        );
        let amazon = parse("s3://footage").unwrap();
        assert_eq!((amazon.prefix.as_str(), amazon.path_style), ("", false));
        assert!(amazon.checksums);
        let hosted = parse("s3://footage?endpoint=https://s3.example&path_style=false").unwrap();
        assert!(!hosted.path_style);
    }

    #[test]
    fn what_is_wrong_with_an_address_is_named() {
        for (url, words) in [
            ("s3://", "bucket"),
            ("s3://ab", "bucket"),
            ("s3://abc?endpoint=example.org", "http://"),
            ("s3://abc?colour=red", "colour"),
            ("s3://abc?checksums=perhaps", "perhaps"),
        ] {
            let error = parse(url).unwrap_err();
            assert!(error.contains(words), "{url}: {error}");
        }
    }
}
