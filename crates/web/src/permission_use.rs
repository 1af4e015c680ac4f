//! Notes which permissions are used, in memory, and writes it once a minute.
//!
//! A request costs one short lock and no query. What was noted since the last minute is lost if the process
//! crashes; when it stops in an orderly way, it is written.

use chrono::NaiveDate;
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Mutex, PoisonError},
};
use tryzore_kernel::{TenantId, UserId};
use tryzore_postgres::{Db, PermissionUse};
use tryzore_rbac::{Actor, Grants, Permission, PermissionSet, Slug};

// As many persons use permissions within a minute, at most; what others use is not noted then.
const MOST: usize = 20_000;

/// The permissions that were used since they were last written.
#[derive(Debug, Default)]
pub(crate) struct UsedPermissions(Mutex<HashMap<(TenantId, UserId, NaiveDate), PermissionSet>>);

impl UsedPermissions {
    /// Notes that the person with `grants` used `P` on the day `today`: in full, or within limits if they hold no
    /// more. Keys and acting sessions are not noted, nor what comes with being a user or a client.
    pub(crate) fn note<P: Permission>(&self, grants: &Grants, today: NaiveDate) {
        let Actor::User { user, .. } = grants.actor() else { return };
        let Some(slug) = used::<P>(grants).filter(|slug| slug.is_assignable()) else { return };
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = noted.len() >= MOST;
        match noted.entry((grants.tenant(), user, today)) {
            Entry::Occupied(mut known) => {
                let more = known.get().with(slug);
                known.insert(more);
            }
            Entry::Vacant(_) if is_full => {}
            Entry::Vacant(new) => {
                new.insert(PermissionSet::EMPTY.with(slug));
            }
        }
    }

    /// Writes what was noted, in one statement per tenant. What cannot be written is noted again.
    pub(crate) async fn write(&self, db: &Db) {
        let noted = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut by_tenant: HashMap<TenantId, Vec<PermissionUse>> = HashMap::new();
        for ((tenant, user, day), used) in noted {
            by_tenant.entry(tenant).or_default().push(PermissionUse { user, day, used });
        }
        for (tenant, uses) in by_tenant {
            if let Err(problem) = db.permission_use_write(tenant, &uses).await {
                tracing::warn!(%tenant, code = %problem.code, "the use of permissions could not be written");
                self.note_again(tenant, &uses);
            }
        }
    }

    fn note_again(&self, tenant: TenantId, uses: &[PermissionUse]) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for PermissionUse { user, day, used } in uses.iter().take(MOST.saturating_sub(noted.len())) {
            let known = noted.entry((tenant, *user, *day)).or_default();
            *known = known.union(*used);
        }
    }
}

fn used<P: Permission>(grants: &Grants) -> Option<Slug> {
    if grants.held().contains(P::FULL) { Some(P::FULL) } else { P::LIMITED }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;
    use std::sync::Arc;
    use tryzore_kernel::{OrganizationId, SessionId};
    use tryzore_rbac::{
        Assignment, Holdings, OrganizationNode, Scope,
        catalogue::{CreateClient, OwnProfile, ViewEvents},
    };
    use uuid::Uuid;

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();

    fn holdings(patterns: &[&str]) -> Holdings {
        let at: OrganizationId = Uuid::nil().into();
        let assignment = Assignment {
            role: Uuid::nil().into(),
            name: "Test".into(),
            patterns: patterns.iter().map(|text| text.parse().unwrap()).collect(),
            scope: Scope::Organization(at),
            expires_at: None,
        };
        let tree = vec![OrganizationNode { organization: at, parent: None }];
        Holdings { tree, assignments: vec![assignment], ..Holdings::default() }
    }

    fn grants(user: u128, patterns: &[&str]) -> Arc<Grants> {
        let actor = Actor::User { user: Uuid::from_u128(user).into(), session: SessionId::from(Uuid::nil()) };
        Grants::compile(actor, Uuid::nil().into(), None, &holdings(patterns))
    }

    fn noted(used: &UsedPermissions) -> Vec<(u128, NaiveDate, Vec<Slug>)> {
        let noted = used.0.lock().unwrap();
        let mut noted: Vec<_> = noted
            .iter()
            .map(|((_, user, day), set)| (user.uuid().as_u128(), *day, set.iter().collect()))
            .collect();
        noted.sort_by_key(|(user, day, _)| (*user, *day));
        noted
    }

    #[test]
    fn what_is_used_is_noted_once_per_person_and_day() {
        let used = UsedPermissions::default();
        let (ada, bea) = (grants(1, &["*"]), grants(2, &["events.view_own"]));
        for _ in 0..3 {
            used.note::<CreateClient>(&ada, TODAY);
        }
        used.note::<ViewEvents>(&ada, TODAY);
        used.note::<ViewEvents>(&bea, TODAY);
        used.note::<OwnProfile>(&bea, TODAY);
        used.note::<CreateClient>(&ada, TODAY + Days::new(1));
        let expected = [
            (1, TODAY, vec![Slug::VIEW_ALL_EVENTS, Slug::CREATE_CLIENT]),
            (1, TODAY + Days::new(1), vec![Slug::CREATE_CLIENT]),
            (2, TODAY, vec![Slug::VIEW_OWN_EVENTS]),
        ];
        assert_eq!(
            noted(&used),
            expected,
            "the limited one if no more is held, and nothing that is one's own"
        );
    }

    #[test]
    fn a_key_and_an_acting_session_are_not_noted() {
        let used = UsedPermissions::default();
        let (id, held) = (Uuid::from_u128(1), holdings(&["*"]));
        let key = Grants::compile_for_key(id.into(), id.into(), id.into(), Uuid::nil().into(), &held, None);
        used.note::<CreateClient>(&key, TODAY);
        let kind = tryzore_rbac::ActingKind::Impersonation;
        let actor = Actor::Acting { user: id.into(), session: id.into(), kind, subject: Some(id.into()) };
        used.note::<ViewEvents>(&Grants::compile_acting(actor, id.into(), None, &held, None), TODAY);
        assert_eq!(noted(&used), []);
    }

    #[test]
    fn no_more_persons_are_noted_than_fit() {
        let used = UsedPermissions::default();
        for user in 0..=MOST as u128 {
            used.note::<CreateClient>(&grants(user, &["clients.create"]), TODAY);
        }
        assert_eq!(noted(&used).len(), MOST);
        used.note::<ViewEvents>(&grants(0, &["events.*"]), TODAY);
        assert_eq!(
            noted(&used)[0].2,
            [Slug::VIEW_ALL_EVENTS, Slug::CREATE_CLIENT],
            "who is noted already is noted on"
        );
    }
}
