//! Connects to a server by URL: unencrypted on this machine, by verified TLS to any other, unless the URL
//! says `sslmode=disable`. `sslrootcert=<file>` adds a private authority (Supabase provides one).

use anyhow::Context;
use reqwest::Url;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Opens a connection; its errors never contain the password.
pub async fn connect(url: &str) -> anyhow::Result<Client> {
    let (mut config, authority) = parse(url)?;
    config.application_name("xtask");
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    let failed = || format!("no connection to Postgres at {}", place(url));
    if config.get_ssl_mode() == SslMode::Disable {
        let (client, connection) = config.connect(NoTls).await.with_context(failed)?;
        tokio::spawn(connection);
        return Ok(client);
    }
    let (client, connection) = config.connect(tls(authority.as_deref())?).await.with_context(failed)?;
    tokio::spawn(connection);
    Ok(client)
}

/// `host:port/database` of a URL, without secrets.
#[must_use]
pub fn place(url: &str) -> String {
    Url::parse(url).map_or_else(
        |_| "an address that is not a URL".to_owned(),
        |url| format!("{}:{}{}", url.host_str().unwrap_or("?"), url.port().unwrap_or(5432), url.path()),
    )
}

/// The driver's settings, and the file of a private authority. The driver knows fewer parameters than libpq.
fn parse(url: &str) -> anyhow::Result<(Config, Option<String>)> {
    let mut url =
        Url::parse(url).context("the database address must be a URL: postgres://user:password@host/name")?;
    let local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]") | None);
    let (mut mode, mut authority, mut rest) = (None, None, Vec::new());
    for (name, value) in url.query_pairs() {
        match &*name {
            "sslmode" => mode = Some(value.into_owned()),
            "sslrootcert" => authority = Some(value.into_owned()),
            _ => rest.push((name.into_owned(), value.into_owned())),
        }
    }
    url.set_query(None);
    if !rest.is_empty() {
        url.query_pairs_mut().extend_pairs(rest);
    }
    let mut config: Config = url.as_str().parse().context("the database address is not understood")?;
    config.ssl_mode(match mode.as_deref() {
        Some("disable") => SslMode::Disable,
        None | Some("prefer" | "allow") if local => SslMode::Disable,
        _ => SslMode::Require,
    });
    Ok((config, authority))
}

fn tls(authority: Option<&str>) -> anyhow::Result<MakeRustlsConnect> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = authority {
        for certificate in
            CertificateDer::pem_file_iter(path).with_context(|| format!("sslrootcert {path}"))?
        {
            roots.add(certificate?)?;
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_machine_is_spoken_to_by_tls_unless_the_url_says_no() {
        let mode = |url: &str| parse(url).unwrap().0.get_ssl_mode();
        assert_eq!(mode("postgres://a:b@127.0.0.1:5432/x"), SslMode::Disable);
        assert_eq!(mode("postgres://a:b@localhost/x?sslmode=require"), SslMode::Require);
        assert_eq!(mode("postgres://a:b@db.example.com/x"), SslMode::Require);
        assert_eq!(mode("postgres://a:b@db.example.com/x?sslmode=prefer"), SslMode::Require);
        assert_eq!(mode("postgres://a:b@db.example.com/x?sslmode=disable"), SslMode::Disable);
    }

    #[test]
    fn the_words_of_libpq_are_understood_and_others_kept() {
        let url = "postgres://a:b@db.example.com:6543/x?sslmode=verify-full&sslrootcert=%2Fca.pem&connect_timeout=3";
        let (config, authority) = parse(url).unwrap();
        assert_eq!(config.get_ssl_mode(), SslMode::Require);
        assert_eq!(authority.as_deref(), Some("/ca.pem"));
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(3)));
        assert_eq!(place(url), "db.example.com:6543/x");
    }

    #[tokio::test]
    async fn an_error_names_the_server_and_not_the_password() {
        let error = connect("postgres://a:hunter2@127.0.0.1:1/x").await.unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains("127.0.0.1:1/x") && !text.contains("hunter2"), "{text}");
    }
}
