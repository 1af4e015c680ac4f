//! What a session rests on has changed: whoever remembers it forgets it.
//!
//! Grants are compiled when a session loads and remembered for a while. A commit that revokes a
//! session, changes someone's roles or closes a tenant says so here: in its own process before the
//! commit's caller goes on ([`Db::on_invalidation`]), in the others by a NOTIFY right behind it
//! ([`announce_invalidations`]). That does not wait for a worker: a lost phone is locked out although no
//! worker runs. A NOTIFY can be lost with its process or its connection; what is remembered is
//! therefore never trusted for longer than the 30 s that it is remembered.

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

/// The channel on which processes tell each other.
pub const INVALIDATIONS: &str = "tryzore_stale";

// A payload has less than 8000 bytes; an id has 36 and a comma.
const TOLD_AT_ONCE: usize = 200;
const PAUSE: Duration = Duration::from_millis(5);

/// What is to be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Invalidation {
    /// What a user may do, in all of its sessions.
    User(UserId),
    /// A session.
    Session(SessionId),
    /// A key of a service.
    ApiKey(ApiKeyId),
    /// All of a tenant: it was closed, or its locations are others.
    Tenant(TenantId),
    /// Everything: something was missed.
    Everything,
}

impl Invalidation {
    /// What `event`, published in a transaction of `tenant`, makes stale.
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

    /// `stale` without repetitions. Where a transaction of `tenant` concerns so many users that they
    /// fill half a wake-up, that is all of the tenant: others are not to forget anything for it.
    pub(crate) fn gather(invalidation: impl Iterator<Item = Self>, tenant: Option<TenantId>) -> Vec<Self> {
        let mut seen = HashSet::new();
        let mut gathered: Vec<_> = invalidation.filter(|invalidation| seen.insert(*invalidation)).collect();
        let is_user = |invalidation: &Self| matches!(invalidation, Self::User(_));
        if let Some(tenant) = tenant
            && gathered.iter().filter(|invalidation| is_user(invalidation)).count() > TOLD_AT_ONCE / 2
        {
            gathered.retain(|invalidation| !is_user(invalidation));
            gathered.push(Self::Tenant(tenant));
        }
        gathered
    }

    /// What is stale by what was `heard` on [`INVALIDATIONS`], when `before` was heard last. What was missed
    /// may have been anything.
    #[must_use]
    pub fn heard(before: &Heard, heard: &Heard) -> Vec<Self> {
        // The same text again is a new connection's greeting: each wake-up has an id of its own.
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

/// The text names nothing that can be stale.
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
        // Without a prefix it would be any of them.
        let named = text.contains('_').then_some(()).ok_or(BadInvalidation);
        named.and_then(|()| {
            user.or_else(|_| session()).or_else(|_| key()).or_else(|_| tenant()).map_err(|_| BadInvalidation)
        })
    }
}

/// Tells other processes what commits of `db` make stale. Runs until the task is aborted; one a
/// process.
///
/// # Errors
/// When `config` does not hold.
pub fn announce_invalidations(
    db: &Db,
    config: &DatabaseConfig,
) -> Result<JoinHandle<()>, DatabaseConfigError> {
    let (clock, mut wire) = (db.clock().clone(), Wire::new(config)?);
    let (tell, mut told) = mpsc::unbounded_channel();
    db.on_invalidation(move |invalidation| {
        // Nobody listens once the task has been aborted.
        let _ = tell.send(invalidation);
    });
    Ok(tokio::spawn(async move {
        let mut batch = Vec::new();
        while told.recv_many(&mut batch, usize::MAX).await > 0 {
            let names: Vec<_> = match batch.len() {
                ..=TOLD_AT_ONCE => {
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

/// Hands what is heard on [`INVALIDATIONS`] to `forget`, until the listener is gone.
pub async fn follow_invalidations(mut ear: watch::Receiver<Heard>, forget: impl Fn(Invalidation)) {
    let mut before = ear.borrow_and_update().clone();
    while ear.changed().await.is_ok() {
        let heard = ear.borrow_and_update().clone();
        Invalidation::heard(&before, &heard).into_iter().for_each(&forget);
        before = heard;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: chrono::DateTime<chrono::Utc> = chrono::DateTime::UNIX_EPOCH;

    #[test]
    fn what_is_told_is_understood() {
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
            "whose id is it?"
        );
    }

    #[test]
    fn events_name_what_they_make_stale() {
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
    fn many_users_of_a_tenant_are_all_of_it_and_nothing_of_others() {
        let tenant = TenantId::generate(NOW);
        let session = Invalidation::Session(SessionId::generate(NOW));
        let users = |count| (0..count).map(|_| Invalidation::User(UserId::generate(NOW))).collect::<Vec<_>>();
        let few = users(TOLD_AT_ONCE / 2);
        let twice = few.iter().chain(&few).copied();
        assert_eq!(Invalidation::gather(twice, Some(tenant)), few, "each once");
        let many = users(TOLD_AT_ONCE / 2 + 1);
        let with_session = many.iter().copied().chain([session]);
        assert_eq!(Invalidation::gather(with_session, Some(tenant)), [session, Invalidation::Tenant(tenant)]);
        assert_eq!(Invalidation::gather(many.iter().copied(), None), many, "in no tenant");
    }

    #[test]
    fn whatever_was_missed_makes_everything_stale() {
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
