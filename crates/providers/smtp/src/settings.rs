//! The settings of the relay.

use lettre::{
    AsyncSmtpTransport, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{
        Error as SmtpError, PoolConfig,
        client::{Tls, TlsParameters},
    },
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::{net::IpAddr, time::Duration};

/// The `mail` section of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// `smtps://user:password@host` (TLS from the start), or `smtp://user:password@host:587`
    /// (STARTTLS, which must succeed unless the host is this machine). User and password are
    /// percent-encoded.
    pub url: SecretString,
    /// The sender of mails: `TryZore <hello@example.com>`.
    pub from: String,
    /// The maximum number of connections.
    #[serde(default = "four")]
    pub connections: u32,
    /// How many seconds to wait for an answer of the relay.
    #[serde(default = "fifteen")]
    pub timeout_seconds: u64,
}

/// The reason why the settings are not valid.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The URL is not valid, or has another scheme.
    #[error("mail.url: expected smtp:// or smtps:// with a host")]
    Url,
    /// The certificates cannot be loaded.
    #[error("mail.url: {0}")]
    Tls(SmtpError),
    /// The sender is not an address.
    #[error("mail.from: {0}")]
    From(#[from] lettre::address::AddressError),
}

impl MailSettings {
    /// The default settings for the relay at `url`.
    #[must_use]
    pub fn new(url: impl Into<SecretString>, from: impl Into<String>) -> Self {
        Self { url: url.into(), from: from.into(), connections: four(), timeout_seconds: fifteen() }
    }

    pub(crate) fn sender(&self) -> Result<Mailbox, SettingsError> {
        Ok(self.from.parse()?)
    }

    pub(crate) fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, SettingsError> {
        // The URL contains a password, so the message of the parser is not repeated.
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(self.url.expose_secret())
            .map_err(|_| SettingsError::Url)?;
        if let Some(host) = self.host_to_upgrade()? {
            builder = builder.tls(Tls::Required(TlsParameters::new(host).map_err(SettingsError::Tls)?));
        }
        let pool = PoolConfig::new().max_size(self.connections).idle_timeout(Duration::from_secs(60));
        Ok(builder.timeout(Some(Duration::from_secs(self.timeout_seconds))).pool_config(pool).build())
    }

    // The host, if STARTTLS is required.
    fn host_to_upgrade(&self) -> Result<Option<String>, SettingsError> {
        let url = self.url.expose_secret();
        let (scheme, rest) = url.split_once("://").ok_or(SettingsError::Url)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let host = match host.strip_prefix('[') {
            Some(rest) => rest.split_once(']').map(|(address, _)| address).ok_or(SettingsError::Url)?,
            None => host.split(':').next().unwrap_or_default(),
        };
        let insist = !scheme.eq_ignore_ascii_case("smtps") && !is_this_machine(host);
        Ok(insist.then(|| host.to_owned()))
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

const fn four() -> u32 {
    4
}

const fn fifteen() -> u64 {
    15
}

#[cfg(test)]
mod tests {
    use super::*;

    // The pool needs a runtime.
    #[tokio::test]
    async fn only_a_relay_on_this_machine_is_used_without_tls() {
        for (url, upgraded) in [
            ("smtp://127.0.0.1:2525", None),
            ("smtp://[::1]:2525/ehlo", None),
            ("smtp://localhost", None),
            ("smtps://relay.example.com", None),
            ("smtp://ada:se%40cret@relay.example.com:587?tls=opportunistic", Some("relay.example.com")),
            ("smtp://127.0.0.1.example.com", Some("127.0.0.1.example.com")),
            ("smtp://10.0.0.1", Some("10.0.0.1")),
            ("smtp://127.0.0.1@relay.example.com", Some("relay.example.com")),
        ] {
            let settings = MailSettings::new(url, "TryZore <hello@example.com>");
            assert!(settings.transport().is_ok(), "{url}");
            assert_eq!(settings.host_to_upgrade().unwrap().as_deref(), upgraded, "{url}");
        }
    }

    #[tokio::test]
    async fn settings_that_are_not_valid_are_refused_without_showing_the_password() {
        for url in ["", "relay", "http://relay", "ftp://ada:secret@relay", "smtp://ada:secret@"] {
            let error = MailSettings::new(url, "a@example.com").transport().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("secret"), "{url}");
        }
        assert!(MailSettings::new("smtp://localhost", "nobody").sender().is_err());
        assert!(
            !format!("{:?}", MailSettings::new("smtp://ada:secret@relay", "a@example.com"))
                .contains("secret")
        );
    }
}
