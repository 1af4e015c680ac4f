//! Opens connections as the configuration says.
//!
//! **Encryption.** A connection to another machine uses verified TLS. A URL that asks for anything else
//! is refused before anything is sent, unless the configuration allows it.
//!
//! **Poolers.** A pooler in transaction mode assigns a server connection for one transaction at a time.
//! Messages outside a transaction may reach any server connection, each message a different one. The
//! driver executes everything as a named statement, in two messages, and its names count from `s0` in
//! every process. So without `prepared_statements` everything happens inside a transaction, also the
//! set-up of a connection: a statement is prepared, executed and closed on one server connection, before
//! the COMMIT that returns the connection to the pooler, so no named statement is left for the next
//! process to collide with.

use crate::{
    DatabaseConfig,
    tls::{self, RootsError},
};
use diesel::{ConnectionError, ConnectionResult, connection::CacheSize};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures::FutureExt;
use std::{borrow::Cow, net::IpAddr, path::PathBuf, time::Duration};
use tokio_postgres::{
    Client, Config, Connection, Socket,
    config::{Host, SslMode},
    tls::MakeTlsConnect,
};
use tokio_postgres_rustls::MakeRustlsConnect;

type Encrypted = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

/// Why the database cannot be reached as configured. The text never contains a password.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseConfigError {
    /// The URL cannot be parsed.
    #[error("database.url: {0}")]
    Url(String),
    /// The URL asks for an unencrypted connection to another machine.
    #[error(
        "database.url: sslmode `{0}` would speak to another machine in the clear; say `require`, or set \
         database.allow_plaintext if nobody else can listen on that network"
    )]
    Plaintext(String),
    /// The certificates in `root_certificates` cannot be used.
    #[error("database.root_certificates: {path}: {source}")]
    Roots {
        /// The path of the file.
        path: PathBuf,
        /// What is wrong with the file.
        source: RootsError,
    },
    /// TLS cannot be set up in this build.
    #[error(transparent)]
    Tls(#[from] RootsError),
    /// The pool cannot be built.
    #[error("the pool: {0}")]
    Pool(#[from] deadpool::managed::BuildError),
}

/// Opens connections with one configuration.
#[derive(Clone)]
pub(crate) struct Connector {
    config: Config,
    tls: MakeRustlsConnect,
    keeps_statements: bool,
}

impl Connector {
    pub(crate) fn new(database: &DatabaseConfig) -> Result<Self, DatabaseConfigError> {
        let Address { mut config, ssl_mode, roots } = Address::parse(&database.url)?;
        let is_local = is_local(&config);
        config.ssl_mode(match ssl_mode.as_deref() {
            Some("require" | "verify-ca" | "verify-full") => SslMode::Require,
            Some(mode @ ("disable" | "allow" | "prefer")) if is_local || database.allow_plaintext => {
                if mode == "disable" { SslMode::Disable } else { SslMode::Prefer }
            }
            Some(mode @ ("disable" | "allow" | "prefer")) => {
                return Err(DatabaseConfigError::Plaintext(mode.to_owned()));
            }
            Some(mode) => return Err(DatabaseConfigError::Url(format!("sslmode `{mode}` is unknown"))),
            None if is_local => SslMode::Disable,
            None => SslMode::Require,
        });
        if database.prepared_statements {
            // By default the server plans some prepared statements anew at every call: a booking took
            // four times as long. Plans here must not depend on values, so one generic plan is enough.
            let options = config.get_options().unwrap_or_default();
            let options = format!("{options} -c plan_cache_mode=force_generic_plan");
            config.options(options.trim());
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        let roots = database.root_certificates.clone().or(roots);
        let tls = tls::connector(roots.as_deref()).map_err(|source| match roots {
            Some(path) => DatabaseConfigError::Roots { path, source },
            None => source.into(),
        })?;
        Ok(Self { config, tls, keeps_statements: database.prepared_statements })
    }

    /// A connection of the driver, without Diesel and the pool: for LISTEN and NOTIFY.
    pub(crate) async fn bare(
        &self,
    ) -> Result<(Client, Connection<Socket, Encrypted>), tokio_postgres::Error> {
        self.config.connect(self.tls.clone()).await
    }

    pub(crate) async fn open(&self) -> ConnectionResult<AsyncPgConnection> {
        let connected = self.bare().await;
        let (client, connection) =
            connected.map_err(|error| ConnectionError::BadConnection(tls::explain(&error)))?;
        if self.keeps_statements {
            return AsyncPgConnection::try_from_client_and_connection(client, connection).await;
        }
        // Diesel's set-up executes statements. BEGIN is queued before them; its answer is not awaited,
        // because nothing is sent until the set-up drives the connection. If BEGIN fails, the set-up
        // runs outside a transaction.
        let _ = client.batch_execute("BEGIN").now_or_never();
        let mut connection = AsyncPgConnection::try_from_client_and_connection(client, connection).await?;
        connection.batch_execute("COMMIT").await.map_err(ConnectionError::CouldntSetupConfiguration)?;
        connection.set_prepared_statement_cache_size(CacheSize::Disabled);
        Ok(connection)
    }
}

/// The address of a database, without the parameters of libpq that the driver does not know.
struct Address {
    config: Config,
    ssl_mode: Option<String>,
    roots: Option<PathBuf>,
}

impl Address {
    fn parse(url: &str) -> Result<Self, DatabaseConfigError> {
        let unclear = |error: &tokio_postgres::Error| DatabaseConfigError::Url(tls::explain(error));
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(DatabaseConfigError::Url("expected postgres://user:password@host:port/name".into()));
        }
        // A password may contain a question mark.
        let server = url.find('@').unwrap_or_default();
        let (bare, query) = match url[server..].find('?') {
            Some(mark) => (&url[..server + mark], &url[server + mark + 1..]),
            None => (url, ""),
        };
        let (mut ssl_mode, mut roots, mut rest) = (None, None, Vec::new());
        for piece in query.split('&').filter(|piece| !piece.is_empty()) {
            match piece.split_once('=') {
                Some(("sslmode", value)) => ssl_mode = Some(decoded(value).into_owned()),
                Some(("sslrootcert", value)) => roots = Some(PathBuf::from(decoded(value).into_owned())),
                _ => rest.push(piece),
            }
        }
        let known = format!("{bare}?{}", rest.join("&"));
        let config: Config = known.trim_end_matches('?').parse().map_err(|error| unclear(&error))?;
        Ok(Self { config, ssl_mode, roots })
    }
}

// Decodes percent signs; unlike in a form, a plus sign is a plus sign.
fn decoded(value: &str) -> Cow<'_, str> {
    let form = value.replace('+', "%2B");
    let name = form_urlencoded::parse(form.as_bytes()).next().map(|(name, _)| name.into_owned());
    name.map_or(Cow::Borrowed(value), Cow::Owned)
}

// Whether nothing leaves this machine. If the URL has a `hostaddr`, the driver connects to that address,
// whatever the host name says.
fn is_local(config: &Config) -> bool {
    if !config.get_hostaddrs().is_empty() {
        return config.get_hostaddrs().iter().all(IpAddr::is_loopback);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str, allow_plaintext: bool) -> Result<SslMode, String> {
        let database = DatabaseConfig { allow_plaintext, ..DatabaseConfig::new(url) };
        Connector::new(&database).map(|c| c.config.get_ssl_mode()).map_err(|error| error.to_string())
    }

    #[test]
    fn another_machine_requires_tls_unless_plaintext_is_allowed() {
        for url in ["postgres://a:b@db.example.com/x", "postgres://a:b@10.0.0.7:5432/x?connect_timeout=3"] {
            assert_eq!(mode(url, false), Ok(SslMode::Require), "{url}");
            assert_eq!(
                mode(url, true),
                Ok(SslMode::Require),
                "allowed, but the URL does not ask for it: {url}"
            );
        }
        for (word, meant) in
            [("disable", SslMode::Disable), ("prefer", SslMode::Prefer), ("allow", SslMode::Prefer)]
        {
            let url = format!("postgres://a:hunter2@db.example.com/x?sslmode={word}");
            let refused = mode(&url, false).unwrap_err();
            assert!(refused.contains(word) && refused.contains("allow_plaintext"), "{refused}");
            assert!(!refused.contains("hunter2"), "{refused}");
            assert_eq!(mode(&url, true), Ok(meant));
        }
    }

    #[test]
    fn a_local_connection_uses_the_mode_of_the_url() {
        for host in ["localhost", "127.0.0.1", "[::1]", "%2Fvar%2Frun%2Fpostgresql"] {
            assert_eq!(mode(&format!("postgres://a:b@{host}/x"), false), Ok(SslMode::Disable), "{host}");
            assert_eq!(mode(&format!("postgres://a:b@{host}/x?sslmode=prefer"), false), Ok(SslMode::Prefer));
            assert_eq!(
                mode(&format!("postgres://a:b@{host}/x?sslmode=require"), false),
                Ok(SslMode::Require)
            );
        }
    }

    #[test]
    fn the_address_decides_what_is_local_and_not_the_host_name() {
        let elsewhere = "postgres://a:b@localhost/x?hostaddr=192.0.2.1&sslmode=disable";
        assert!(mode(elsewhere, false).is_err());
        let here = "postgres://a:b@db.example.com/x?hostaddr=127.0.0.1&sslmode=disable";
        assert_eq!(mode(here, false), Ok(SslMode::Disable));
        let one_of_two = "postgres://a:b@localhost,db.example.com/x?sslmode=disable";
        assert!(mode(one_of_two, false).is_err());
    }

    #[test]
    fn the_parameters_of_libpq_are_parsed_and_the_others_passed_on() {
        for word in ["require", "verify-ca", "verify-full"] {
            assert_eq!(
                mode(&format!("postgres://a:b@localhost/x?sslmode={word}"), false),
                Ok(SslMode::Require)
            );
        }
        assert!(mode("postgres://a:b@localhost/x?sslmode=maybe", false).unwrap_err().contains("maybe"));
        assert!(mode("postgres://a:b@localhost/x?colour=red", false).unwrap_err().contains("colour"));
        assert!(mode("host=localhost user=a", false).unwrap_err().contains("postgres://"));

        let url = "postgres://a:b?c@h/x?sslrootcert=%2Fetc%2Fa+b.pem&options=-c%20statement_timeout%3D5s";
        let address = Address::parse(url).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(address.roots.as_deref(), Some(std::path::Path::new("/etc/a+b.pem")));
        assert_eq!(address.config.get_options(), Some("-c statement_timeout=5s"));
        assert_eq!(address.config.get_password(), Some(&b"b?c"[..]));
    }

    #[test]
    fn the_error_names_a_file_without_certificates() {
        let database = DatabaseConfig {
            root_certificates: Some("/dev/null".into()),
            ..DatabaseConfig::new("postgres://a:b@db.example.com/x")
        };
        let error = Connector::new(&database).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("/dev/null") && error.contains("no certificate"), "{error}");
    }
}
