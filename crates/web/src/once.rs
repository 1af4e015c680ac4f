//! `Idempotency-Key`, and the transaction that stores the first answer.

use crate::{ApiError, Reply, body::Digested};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web::Data};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::future::{Ready, ready};
use tryzore_kernel::Problem;
use tryzore_postgres::{Answer, Db, OnceKey, PlatformTx, TenantTx};
use tryzore_rbac::{Permission, Permit, PlatformPermission, PlatformPermit};
use uuid::Uuid;

/// A command that runs once, however often it is sent with the same key.
pub struct Once {
    db: Data<Db>,
    request: HttpRequest,
    key: Option<String>,
}

macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident = $status:literal;)*) => {
        impl Once {$(
            $(#[$doc])*
            ///
            /// # Errors
            /// The error of `work`; 422 when the key was used for another request.
            pub async fn $name<P, T, E>(
                self,
                permit: &Permit<P>,
                work: impl AsyncFnOnce(&mut TenantTx, DateTime<Utc>) -> Result<T, E>,
            ) -> Result<Reply<T>, ApiError>
            where
                P: Permission,
                T: Serialize,
                E: Into<Problem>,
            {
                self.run(permit, $status, work).await
            }
        )*}
    };
}

answers! {
    /// Runs `work` as one transaction and answers 200.
    done = 200;
    /// Runs `work` as one transaction and answers 201.
    created = 201;
    /// Runs `work` as one transaction and answers 202: the result follows later.
    accepted = 202;
}

impl Once {
    /// For a request whose body is not read as JSON: sets `digest`, its SHA-256.
    #[must_use]
    pub fn of_body(self, digest: [u8; 32]) -> Self {
        self.request.extensions_mut().insert(Digested(digest));
        self
    }

    /// For a command that changes `object` when many callers may change it in the same second: it queues
    /// before it takes a connection to the database ([`Db::queued_on`]).
    #[must_use]
    pub fn queued_on(mut self, object: Uuid) -> Self {
        self.db = Data::new(self.db.queued_on(object));
        self
    }

    async fn run<P, T, E>(
        self,
        permit: &Permit<P>,
        status: u16,
        work: impl AsyncFnOnce(&mut TenantTx, DateTime<Utc>) -> Result<T, E>,
    ) -> Result<Reply<T>, ApiError>
    where
        P: Permission,
        T: Serialize,
        E: Into<Problem>,
    {
        let now = self.db.clock().now();
        let work = async |tx: &mut TenantTx| work(tx, now).await;
        let answer = match self.once_key() {
            Some(key) => self.db.tenant_tx_once(permit, &key, status, work).await?,
            None => Answer::Fresh(self.db.tenant_tx(permit, work).await?),
        };
        Ok(Reply::new(status, answer))
    }

    /// Runs `work` of an operator as one transaction and answers 200.
    ///
    /// # Errors
    /// The error of `work`; 422 when the key was used for another request.
    pub async fn done_by_operator<P, T, E>(
        self,
        permit: &PlatformPermit<P>,
        work: impl AsyncFnOnce(&mut PlatformTx, DateTime<Utc>) -> Result<T, E>,
    ) -> Result<Reply<T>, ApiError>
    where
        P: PlatformPermission,
        T: Serialize,
        E: Into<Problem>,
    {
        self.run_by_operator(permit, 200, work).await
    }

    /// Runs `work` of an operator as one transaction and answers 201.
    ///
    /// # Errors
    /// The error of `work`; 422 when the key was used for another request.
    pub async fn created_by_operator<P, T, E>(
        self,
        permit: &PlatformPermit<P>,
        work: impl AsyncFnOnce(&mut PlatformTx, DateTime<Utc>) -> Result<T, E>,
    ) -> Result<Reply<T>, ApiError>
    where
        P: PlatformPermission,
        T: Serialize,
        E: Into<Problem>,
    {
        self.run_by_operator(permit, 201, work).await
    }

    async fn run_by_operator<P, T, E>(
        self,
        permit: &PlatformPermit<P>,
        status: u16,
        work: impl AsyncFnOnce(&mut PlatformTx, DateTime<Utc>) -> Result<T, E>,
    ) -> Result<Reply<T>, ApiError>
    where
        P: PlatformPermission,
        T: Serialize,
        E: Into<Problem>,
    {
        let now = self.db.clock().now();
        let work = async |tx: &mut PlatformTx| work(tx, now).await;
        let answer = match self.once_key() {
            Some(key) => self.db.operator_tx_once(permit, &key, status, work).await?,
            None => Answer::Fresh(self.db.operator_tx(permit, work).await?),
        };
        Ok(Reply::new(status, answer))
    }

    fn once_key(&self) -> Option<OnceKey> {
        let mut digest = Sha256::new();
        digest.update(self.request.method().as_str());
        digest.update([0]);
        digest.update(self.request.uri().to_string());
        digest.update([0]);
        if let Some(Digested(body)) = self.request.extensions().get() {
            digest.update(body);
        }
        let fingerprint = digest.finalize().to_vec();
        self.key.clone().map(|key| OnceKey { key, fingerprint })
    }
}

impl FromRequest for Once {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let once = || {
            let db = request.app_data::<Data<Db>>().cloned();
            let db = db.ok_or_else(|| Problem::internal("no database is configured"))?;
            let key =
                request.headers().get("Idempotency-Key").map(|value| key(value.as_bytes())).transpose()?;
            Ok(Self { db, request: request.clone(), key })
        };
        ready(once())
    }
}

// A structured-field string is quoted, but few callers quote it.
fn key(value: &[u8]) -> Result<String, Problem> {
    let refused = || Problem::invalid("Idempotency-Key", "expected 1 to 255 printable ASCII characters");
    let text = std::str::from_utf8(value).map_err(|_| refused())?;
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let printable = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    (printable && (1..=255).contains(&text.len())).then(|| text.to_owned()).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_to_255_characters_quoted_or_not() {
        assert_eq!(key(b"\"abc\"").unwrap(), "abc");
        assert_eq!(key(b"abc").unwrap(), "abc");
        assert!(key(&[b'a'; 255]).is_ok());
        for wrong in [&b""[..], b"\"\"", &[b'a'; 256], "ü".as_bytes(), &[0xff]] {
            assert_eq!(key(wrong).unwrap_err().status, 422);
        }
    }
}
