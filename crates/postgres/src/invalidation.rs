//! Invalidates cached sessions and grants when the data they depend on has changed.
//!
//! Grants are compiled when a session loads and cached for a while. A commit that revokes a session,
//! changes a user's roles or closes a tenant invalidates them: in its own process before the commit
//! returns ([`Db::on_invalidation`]), in other processes by a NOTIFY right after it
//! ([`announce_invalidations`]). The NOTIFY does not depend on the worker: a lost phone is locked out even
//! if no worker runs. A NOTIFY can be lost with its process or its connection; cached entries therefore
//! expire after 30 s in any case.

use crate::{
    DatabaseConfig, DatabaseConfigError, Db,
    runtime::listen::{Heard, Wire},
};
use std::{collections::HashSet, fmt, str::FromStr, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::sleep,
};
use tryzore_kernel::{ApiKeyId, Published, SessionId, TenantId, UserId, uuid_at};

/// The channel on which processes send each other invalidations.
pub const INVALIDATIONS: &str = "tryzore_stale";

// A payload has less than 8000 bytes; an id has 36 and a comma.
const MOST_IN_PAYLOAD: usize = 200;
const PAUSE: Duration = Duration::from_millis(5);

/// The part of a cache to invalidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Invalidation {
    /// The grants of a user, in all sessions of the user.
    User(UserId),
    /// A session.
    Session(SessionId),
    /// An API key.
    ApiKey(ApiKeyId),
    /// All sessions of a tenant: the tenant was closed, or its locations changed.
    Tenant(TenantId),
    /// Everything: a notification was missed.
    Everything,
}

impl Invalidation {
    /// What `event`, published in a transaction of `tenant`, invalidates.
    #[must_use]
    pub fn by(event: &Published, tenant: Option<TenantId>) -> Option<Self> {
        let text = |name: &str| event.payload[name].as_str();
        match event.kind.as_ref() {
            "auth.session_revoked" | "auth.location_switched" => {
                text("session")?.parse().ok().map(Self::Session)
            }
            "auth.user_deactivated" | "rbac.grants_changed" => event.subject.map(Self::User),
            "auth.api_key_revoked" => Some(Self::ApiKey(event.aggregate.into())),
            "crm.client_added" | "crm.client_imported" | "crm.client_archived" | "crm.client_restored" => {
                text("user")?.parse().ok().map(Self::User)
            }
            "tenancy.tenant_status_changed" => Some(Self::Tenant(event.aggregate.into())),
            "tenancy.organization_opened" | "tenancy.organization_edited" | "tenancy.organization_closed" => {
                tenant.map(Self::Tenant)
            }
            _ => None,
        }
    }

    /// Removes duplicates. If a transaction of `tenant` concerns so many users that they fill half a
    /// notification, their invalidations become one of the tenant, so that other tenants keep their caches.
    pub(crate) fn gather(invalidation: impl Iterator<Item = Self>, tenant: Option<TenantId>) -> Vec<Self> {
        let mut seen = HashSet::new();
        let mut gathered: Vec<_> = invalidation.filter(|invalidation| seen.insert(*invalidation)).collect();
        let is_user = |invalidation: &Self| matches!(invalidation, Self::User(_));
        if let Some(tenant) = tenant
            && gathered.iter().filter(|invalidation| is_user(invalidation)).count() > MOST_IN_PAYLOAD / 2
        {
            gathered.retain(|invalidation| !is_user(invalidation));
            gathered.push(Self::Tenant(tenant));
        }
        gathered
    }

    /// Parses the notification `heard` on [`INVALIDATIONS`], where `before` is the one heard last. If one
    /// was missed between them, everything is invalidated.
    #[must_use]
    pub fn heard(before: &Heard, heard: &Heard) -> Vec<Self> {
        // The same text again comes from a reconnect: each notification has an id of its own.
        let missed = heard.count != before.count + 1 || heard.payload == before.payload;
        let told = heard.payload.split_once(';').map(|(_, told)| told.split(',').map(str::parse));
        match told {
            Some(told) if !missed => {
                told.collect::<Result<_, _>>().unwrap_or_else(|_| vec![Self::Everything])
            }
            _ => vec![Self::Everything],
        }
    }
}

impl fmt::Display for Invalidation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::Session(id) => id.fmt(f),
            Self::ApiKey(id) => id.fmt(f),
            Self::Tenant(id) => id.fmt(f),
            Self::Everything => f.write_str("everything"),
        }
    }
}

/// The text is not an invalidation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the id of a user, a session, a key or a tenant, or `everything`")]
pub struct BadInvalidation;

impl FromStr for Invalidation {
    type Err = BadInvalidation;

    fn from_str(text: &str) -> Result<Self, BadInvalidation> {
        if text == "everything" {
            return Ok(Self::Everything);
        }
        let user = text.parse().map(Self::User);
        let session = || text.parse().map(Self::Session);
        let key = || text.parse().map(Self::ApiKey);
        let tenant = || text.parse().map(Self::Tenant);
        // An id without a prefix does not say its type.
        let named = text.contains('_').then_some(()).ok_or(BadInvalidation);
        named.and_then(|()| {
            user.or_else(|_| session()).or_else(|_| key()).or_else(|_| tenant()).map_err(|_| BadInvalidation)
        })
    }
}

/// Sends the invalidations by commits of `db` to other processes. Runs until the task is aborted; start
/// it once per process.
///
/// # Errors
/// When `config` is not valid.
pub fn announce_invalidations(
    db: &Db,
    config: &DatabaseConfig,
) -> Result<JoinHandle<()>, DatabaseConfigError> {
    let (clock, mut wire) = (db.clock().clone(), Wire::new(config)?);
    let (tell, mut told) = mpsc::unbounded_channel();
    db.on_invalidation(move |invalidation| {
        // The channel is closed once the task has been aborted.
        let _ = tell.send(invalidation);
    });
    Ok(tokio::spawn(async move {
        let mut batch = Vec::new();
        while told.recv_many(&mut batch, usize::MAX).await > 0 {
            let names: Vec<_> = match batch.len() {
                ..=MOST_IN_PAYLOAD => {
                    batch.drain(..).map(|invalidation: Invalidation| invalidation.to_string()).collect()
                }
                _ => vec![Invalidation::Everything.to_string()],
            };
            batch.clear();
            let id = uuid_at(clock.now()).simple();
            wire.notify(INVALIDATIONS, &format!("{id};{}", names.join(","))).await;
            sleep(PAUSE).await;
        }
    }))
}

/// Calls `invalidate` with what is heard on [`INVALIDATIONS`], until the listener is dropped.
pub async fn follow_invalidations(mut ear: watch::Receiver<Heard>, invalidate: impl Fn(Invalidation)) {
    let mut before = ear.borrow_and_update().clone();
    while ear.changed().await.is_ok() {
        let heard = ear.borrow_and_update().clone();
        Invalidation::heard(&before, &heard).into_iter().for_each(&invalidate);
        before = heard;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: chrono::DateTime<chrono::Utc> = chrono::DateTime::UNIX_EPOCH;

    #[test]
    fn the_text_of_an_invalidation_parses_back() {
        let tenant = TenantId::generate(NOW);
        for invalidation in [
            Invalidation::User(UserId::generate(NOW)),
            Invalidation::Session(SessionId::generate(NOW)),
            Invalidation::ApiKey(ApiKeyId::generate(NOW)),
            Invalidation::Tenant(tenant),
            Invalidation::Everything,
        ] {
            assert_eq!(invalidation.to_string().parse(), Ok(invalidation));
        }
        assert_eq!(
            tenant.uuid().to_string().parse::<Invalidation>(),
            Err(BadInvalidation),
            "the type of the id is unknown"
        );
    }

    #[test]
    fn events_name_what_they_invalidate() {
        let (user, session) = (UserId::generate(NOW), SessionId::generate(NOW));
        let event = |kind, payload| Published::new(kind, user, None, NOW, &payload).about(user);
        let tenant = TenantId::generate(NOW);
        let cases = [
            (
                event("auth.session_revoked", json!({ "session": session })),
                Some(Invalidation::Session(session)),
            ),
            (
                event("auth.location_switched", json!({ "session": session })),
                Some(Invalidation::Session(session)),
            ),
            (event("rbac.grants_changed", json!({ "user": user })), Some(Invalidation::User(user))),
            (event("tenancy.organization_closed", json!({})), Some(Invalidation::Tenant(tenant))),
            (event("events.booked", json!({})), None),
        ];
        for (event, invalidation) in cases {
            assert_eq!(Invalidation::by(&event, Some(tenant)), invalidation, "{}", event.kind);
        }
    }

    #[test]
    fn invalidations_of_many_users_become_one_of_their_tenant() {
        let tenant = TenantId::generate(NOW);
        let session = Invalidation::Session(SessionId::generate(NOW));
        let users = |count| (0..count).map(|_| Invalidation::User(UserId::generate(NOW))).collect::<Vec<_>>();
        let few = users(MOST_IN_PAYLOAD / 2);
        let twice = few.iter().chain(&few).copied();
        assert_eq!(Invalidation::gather(twice, Some(tenant)), few, "each once");
        let many = users(MOST_IN_PAYLOAD / 2 + 1);
        let with_session = many.iter().copied().chain([session]);
        assert_eq!(Invalidation::gather(with_session, Some(tenant)), [session, Invalidation::Tenant(tenant)]);
        assert_eq!(Invalidation::gather(many.iter().copied(), None), many, "in no tenant");
    }

    #[test]
    fn a_missed_notification_invalidates_everything() {
        let session = SessionId::generate(NOW);
        let heard = |count, payload: &str| Heard { count, payload: payload.into() };
        let told = format!("1;{session}");
        assert_eq!(Invalidation::heard(&heard(1, ""), &heard(2, &told)), [Invalidation::Session(session)]);
        let everything = [Invalidation::Everything];
        assert_eq!(Invalidation::heard(&heard(1, ""), &heard(3, &told)), everything, "one was overwritten");
        assert_eq!(Invalidation::heard(&heard(1, &told), &heard(2, &told)), everything, "connected anew");
        assert_eq!(Invalidation::heard(&heard(1, ""), &heard(2, "1;x")), everything, "from a newer version");
        assert_eq!(Invalidation::heard(&heard(0, ""), &heard(1, "")), everything, "connected");
    }
}
