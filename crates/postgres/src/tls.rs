//! TLS to Postgres, always with verification.
//!
//! The server's certificate is checked against the usual authorities and those that were added:
//! its chain, its dates and its name. A name is sent along (SNI), which is how a pooler in front of
//! many databases knows which is meant. There is no mode that encrypts without verifying: whoever
//! could read the line could also answer in the server's place.

use rustls::{
    CertificateError, ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use std::{error::Error, path::Path, sync::Arc};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Why certificates that are to be trusted are not.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] rustls::pki_types::pem::Error),
    /// A certificate in it is none.
    #[error(transparent)]
    Certificate(#[from] rustls::Error),
    /// It holds no certificate, which is surely not what was meant.
    #[error("no certificate in it")]
    Empty,
}

/// What verifies servers; `further` is a PEM file of authorities beside the usual ones.
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
    // Named, not the process's default: another crate may not have installed one yet.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(tls))
}

/// All that an error of the driver says, from the outside in, and what to do about a certificate.
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
    // TLS runs inside I/O, so its errors come wrapped in one.
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    let tls = inner.and_then(|error| error.downcast_ref::<rustls::Error>());
    matches!(tls, Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)))
}
