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
use std::{collections::HashSet, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::sleep,
};
use tryzore_kernel::{Invalidation, TenantId, uuid_at};

/// The channel on which processes send each other invalidations.
pub const INVALIDATIONS: &str = "tryzore_stale";

// A payload has less than 8000 bytes; an id has 36 and a comma.
const MOST_IN_PAYLOAD: usize = 200;
const PAUSE: Duration = Duration::from_millis(5);

/// Removes duplicates. If a transaction of `tenant` concerns so many users that they fill half a
/// notification, their invalidations become one of the tenant, so that other tenants keep their caches.
pub(crate) fn gather(
    invalidations: impl Iterator<Item = Invalidation>,
    tenant: Option<TenantId>,
) -> Vec<Invalidation> {
    let mut seen = HashSet::new();
    let mut gathered: Vec<_> = invalidations.filter(|invalidation| seen.insert(*invalidation)).collect();
    let is_user = |invalidation: &Invalidation| matches!(invalidation, Invalidation::User(_));
    if let Some(tenant) = tenant
        && gathered.iter().filter(|invalidation| is_user(invalidation)).count() > MOST_IN_PAYLOAD / 2
    {
        gathered.retain(|invalidation| !is_user(invalidation));
        gathered.push(Invalidation::Tenant(tenant));
    }
    gathered
}

/// Parses the notification `heard` on [`INVALIDATIONS`], where `before` is the one heard last. If one
/// was missed between them, everything is invalidated.
fn heard(before: &Heard, heard: &Heard) -> Vec<Invalidation> {
    // The same text again comes from a reconnect: each notification has an id of its own.
    let missed = heard.count != before.count + 1 || heard.payload == before.payload;
    let told = heard.payload.split_once(';').map(|(_, told)| told.split(',').map(str::parse));
    match told {
        Some(told) if !missed => {
            told.collect::<Result<_, _>>().unwrap_or_else(|_| vec![Invalidation::Everything])
        }
        _ => vec![Invalidation::Everything],
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
        self::heard(&before, &heard).into_iter().for_each(&invalidate);
        before = heard;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tryzore_kernel::{SessionId, UserId};

    const NOW: chrono::DateTime<chrono::Utc> = chrono::DateTime::UNIX_EPOCH;

    #[test]
    fn invalidations_of_many_users_become_one_of_their_tenant() {
        let tenant = TenantId::generate(NOW);
        let session = Invalidation::Session(SessionId::generate(NOW));
        let users = |count| (0..count).map(|_| Invalidation::User(UserId::generate(NOW))).collect::<Vec<_>>();
        let few = users(MOST_IN_PAYLOAD / 2);
        let twice = few.iter().chain(&few).copied();
        assert_eq!(gather(twice, Some(tenant)), few, "each once");
        let many = users(MOST_IN_PAYLOAD / 2 + 1);
        let with_session = many.iter().copied().chain([session]);
        assert_eq!(gather(with_session, Some(tenant)), [session, Invalidation::Tenant(tenant)]);
        assert_eq!(gather(many.iter().copied(), None), many, "in no tenant");
    }

    #[test]
    fn a_missed_notification_invalidates_everything() {
        let session = SessionId::generate(NOW);
        let heard = |count, payload: &str| Heard { count, payload: payload.into() };
        let told = format!("1;{session}");
        assert_eq!(super::heard(&heard(1, ""), &heard(2, &told)), [Invalidation::Session(session)]);
        let everything = [Invalidation::Everything];
        assert_eq!(super::heard(&heard(1, ""), &heard(3, &told)), everything, "one was overwritten");
        assert_eq!(super::heard(&heard(1, &told), &heard(2, &told)), everything, "connected anew");
        assert_eq!(super::heard(&heard(1, ""), &heard(2, "1;x")), everything, "from a newer version");
        assert_eq!(super::heard(&heard(0, ""), &heard(1, "")), everything, "connected");
    }
}
