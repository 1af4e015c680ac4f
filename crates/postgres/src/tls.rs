//! TLS to Postgres, always with verification.
//!
//! The server's certificate is checked against the public authorities and the configured ones: its chain,
//! its dates and its name. The name is also sent to the server (SNI), so that a pooler in front of many
//! databases knows which one is meant. There is no mode that encrypts without verifying: an attacker who
//! can read the connection could also answer in the server's place.

use rustls::{
    CertificateError, ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use std::{error::Error, path::Path, sync::Arc};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Why a file of trusted certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] rustls::pki_types::pem::Error),
    /// A certificate in the file is not valid.
    #[error(transparent)]
    Certificate(#[from] rustls::Error),
    /// The file contains no certificate.
    #[error("no certificate in it")]
    Empty,
}

/// Makes the TLS connector; `further` is a PEM file of authorities in addition to the public ones.
pub(crate) fn connector(further: Option<&Path>) -> Result<MakeRustlsConnect, RootsError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = further {
        let usual = roots.len();
        for certificate in CertificateDer::pem_file_iter(path)? {
            roots.add(certificate?)?;
        }
        if roots.len() == usual {
            return Err(RootsError::Empty);
        }
    }
    // Named explicitly: the process may not have a default provider yet.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(tls))
}

/// The error of the driver with all its causes, and advice about an unknown certificate authority.
pub(crate) fn explain(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        if is_unknown_issuer(inner) {
            text.push_str(" (name its authority in database.root_certificates)");
        }
        cause = inner.source();
    }
    text
}

fn is_unknown_issuer(error: &(dyn Error + 'static)) -> bool {
    // TLS runs inside I/O, so its errors are wrapped in I/O errors.
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    let tls = inner.and_then(|error| error.downcast_ref::<rustls::Error>());
    matches!(tls, Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)))
}
