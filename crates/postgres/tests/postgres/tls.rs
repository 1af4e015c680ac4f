//! TLS to a server of the test's own: without a verified server there is no connection.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::server::Acceptor;
use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::Arc,
};
use tempfile::TempDir;
use tokio_postgres::Client;
use tryzore_kernel::SystemClock;
use tryzore_postgres::{DatabaseConfig, Db};
use tryzore_testkit::PostgresServer;

/// The name of the server; its address is the loopback address.
const NAME: &str = "db.example.com";

/// A private authority.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, folder }
    }

    /// A server with a certificate of this authority for [`NAME`], valid until the end of `year`.
    async fn server(&self, year: i32) -> PostgresServer {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![NAME.to_owned()]).unwrap();
        params.not_after = date_time_ymd(year, 12, 31);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        PostgresServer::start(
            &["ssl=on"],
            &[("server.crt", &certificate.pem()), ("server.key", &key.serialize_pem())],
        )
        .await
    }

    fn database(&self, url: String) -> Db {
        let config = DatabaseConfig {
            root_certificates: Some(self.folder.path().join("ca.pem")),
            ..DatabaseConfig::new(url)
        };
        connect(&config)
    }
}

fn connect(config: &DatabaseConfig) -> Db {
    Db::connect(config, Arc::new(SystemClock)).unwrap()
}

async fn refusal(db: &Db) -> String {
    db.ping().await.unwrap_err().to_string()
}

/// The protocol of the connections of `application`; none for unencrypted ones.
async fn protocols(server: &Client, application: &str) -> Vec<Option<String>> {
    let sql = "SELECT s.version FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.application_name = $1";
    server.query(sql, &[&application]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn only_the_expected_server_is_connected_to() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let server = ours.server(2999).await;
    let sql = server.client().await;

    // The password is bound to this channel, so nobody in between can have passed it on.
    let bound = "?hostaddr=127.0.0.1&sslmode=require&channel_binding=require&application_name=bound";
    let db = ours.database(server.url(NAME, bound));
    db.ping().await.unwrap();
    assert_eq!(protocols(&sql, "bound").await, [Some("TLSv1.3".to_owned())]);

    // The same with the parameters of libpq.
    let path = ours.folder.path().join("ca.pem").to_string_lossy().replace('/', "%2F");
    let url = format!("?hostaddr=127.0.0.1&sslmode=verify-full&application_name=libpq&sslrootcert={path}");
    let db = connect(&DatabaseConfig::new(server.url(NAME, &url)));
    db.ping().await.unwrap();
    assert_eq!(protocols(&sql, "libpq").await, [Some("TLSv1.3".to_owned())]);

    // Without prepared statements the set-up differs, the encryption does not.
    let url = server.url(NAME, "?hostaddr=127.0.0.1&sslmode=require&application_name=pooled");
    let root_certificates = Some(ours.folder.path().join("ca.pem"));
    let config = DatabaseConfig { prepared_statements: false, root_certificates, ..DatabaseConfig::new(url) };
    let db = connect(&config);
    db.ping().await.unwrap();
    assert_eq!(protocols(&sql, "pooled").await, [Some("TLSv1.3".to_owned())]);

    let url = server.url(NAME, "?hostaddr=127.0.0.1&sslmode=require&application_name=refused");
    let other_authority = refusal(&theirs.database(url.clone())).await;
    assert!(other_authority.contains("UnknownIssuer"), "{other_authority}");
    assert!(other_authority.contains("database.root_certificates"), "what to do: {other_authority}");
    let no_authority = refusal(&connect(&DatabaseConfig::new(url))).await;
    assert!(no_authority.contains("UnknownIssuer"), "{no_authority}");

    for host in ["other.example.com", "127.0.0.1"] {
        let url = server.url(host, "?hostaddr=127.0.0.1&sslmode=require&application_name=refused");
        let other_name = refusal(&ours.database(url)).await;
        assert!(other_name.contains("not valid for name"), "{other_name}");
        assert!(other_name.contains(NAME), "for which it is valid: {other_name}");
    }
    assert_eq!(protocols(&sql, "refused").await, []);
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let ours = Authority::new("ours");
    let server = ours.server(2020).await;
    let expired = refusal(&ours.database(server.url(NAME, "?hostaddr=127.0.0.1&sslmode=require"))).await;
    assert!(expired.contains("certificate expired"), "{expired}");
}

#[tokio::test]
async fn a_server_without_tls_is_refused_when_tls_is_wanted() {
    let server = PostgresServer::start(&["ssl=off"], &[]).await;
    let refused = refusal(&connect(&DatabaseConfig::new(server.url("127.0.0.1", "?sslmode=require")))).await;
    assert!(refused.contains("does not support TLS"), "{refused}");
}

/// The name that a client requests in its first message after asking for TLS.
fn asked_name(listener: &TcpListener) -> Option<String> {
    let (mut stream, _) = listener.accept().unwrap();
    let mut request = [0; 8];
    stream.read_exact(&mut request).unwrap();
    assert_eq!(request, [0, 0, 0, 8, 4, 210, 22, 47], "SSLRequest");
    stream.write_all(b"S").unwrap();
    let mut acceptor = Acceptor::default();
    loop {
        acceptor.read_tls(&mut stream).unwrap();
        if let Some(accepted) = acceptor.accept().map_err(|(error, _)| error).unwrap() {
            return accepted.client_hello().server_name().map(str::to_owned);
        }
    }
}

// A pooler in front of many databases distinguishes them by this name.
#[tokio::test]
async fn the_client_sends_the_name_of_the_server() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = tokio::task::spawn_blocking(move || asked_name(&listener));
    let url = format!("postgres://a:b@{NAME}:{port}/x?hostaddr=127.0.0.1&sslmode=require");
    assert!(connect(&DatabaseConfig::new(url)).ping().await.is_err(), "it hangs up");
    assert_eq!(asked.await.unwrap().as_deref(), Some(NAME));
}
