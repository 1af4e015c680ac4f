//! TLS to Postgres, always with verification.

use crate::DatabaseConfig;
use rustls::{ClientConfig, RootCertStore, pki_types::CertificateDer, pki_types::pem::PemObject};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The certificates that are trusted could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file of further certificates cannot be read.
    #[error("cannot read the root certificates: {0}")]
    RootCertificates(#[from] rustls::pki_types::pem::Error),
    /// A certificate in it is none.
    #[error(transparent)]
    Rustls(#[from] rustls::Error),
}

/// A connector that verifies the server against the usual authorities and those of `config`.
pub(crate) fn connector(config: &DatabaseConfig) -> Result<MakeRustlsConnect, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(path) = &config.root_certificates {
        for certificate in CertificateDer::pem_file_iter(path)? {
            roots.add(certificate?)?;
        }
    }
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(tls))
}
