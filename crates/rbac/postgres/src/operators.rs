//! The operators of the platform. Only an operator's transaction may write them.

use crate::RbacStore;
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Bool, Integer, Nullable, Text, Timestamptz, Uuid},
};
use tryzore_kernel::{Email, StoreResult, UserId};
use tryzore_postgres::{
    column::{from_text, to_text},
    scopes::AllTenants,
    statement,
};
use tryzore_rbac::{
    Pattern, PlatformOverride, PlatformRights, PlatformSlug,
    operators::{Note, Operator, Operators},
};
use tryzore_schema::platform::{operator_overrides, operators};

statement! {
    struct FindUser { email: String => Text }
    "SELECT platform.user_with_address($1) AS id"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct FoundUser {
    #[diesel(sql_type = Nullable<Uuid>)]
    id: Option<UserId>,
}

statement! {
    struct LockOperators { actor: UserId => Uuid, target: UserId => Uuid }
    "SELECT o.user_id, o.role, o.status, o.since, o.set_by, o.because, o.version, n.can_sign_in
     FROM platform.operators o JOIN platform.operator_names n ON n.user_id = o.user_id
     WHERE o.user_id IN ($1, $2) OR (o.role = 'super_admin' AND o.status = 'active')
     ORDER BY o.user_id
     FOR NO KEY UPDATE OF o"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct OperatorRow {
    #[diesel(sql_type = Uuid)]
    user_id: UserId,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Timestamptz)]
    since: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Uuid>)]
    set_by: Option<UserId>,
    #[diesel(sql_type = Text)]
    because: String,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Bool)]
    can_sign_in: bool,
}

impl OperatorRow {
    fn operator(self, overrides: &[(UserId, PlatformOverride)]) -> StoreResult<Operator> {
        let own = overrides.iter().filter(|(user, _)| *user == self.user_id);
        let overrides = own.map(|(_, one)| one.clone()).collect();
        Ok(Operator {
            user: self.user_id,
            rights: PlatformRights { role: from_text(&self.role)?, overrides },
            status: from_text(&self.status)?,
            since: self.since,
            set_by: self.set_by,
            because: self.because,
            can_sign_in: self.can_sign_in,
            version: self.version,
        })
    }
}

impl Operators for RbacStore<'_, AllTenants> {
    async fn user_find(&mut self, email: &Email) -> StoreResult<Option<UserId>> {
        let found: Option<FoundUser> = self.tx.row(FindUser { email: email.as_str().to_owned() }).await?;
        Ok(found.and_then(|found| found.id))
    }

    // The overrides are read by a second statement, after the locks: a statement that waited for a lock still
    // sees the overrides as they were when it began.
    async fn operators_lock(&mut self, [actor, target]: [UserId; 2]) -> StoreResult<Vec<Operator>> {
        let rows: Vec<OperatorRow> = self.tx.rows(LockOperators { actor, target }).await?;
        let users: Vec<UserId> = rows.iter().map(|row| row.user_id).collect();
        let of_them = operator_overrides::table
            .filter(operator_overrides::user_id.eq_any(users))
            .order((operator_overrides::user_id, operator_overrides::pattern))
            .select((operator_overrides::user_id, operator_overrides::pattern, operator_overrides::effect));
        let found: Vec<(UserId, String, String)> = self.tx.rows(of_them).await?;
        let mut overrides = Vec::new();
        for (user, pattern, effect) in found {
            // A pattern that matches nothing of the catalogue any more grants and denies nothing.
            if let Ok(pattern) = pattern.parse() {
                overrides.push((user, PlatformOverride { pattern, effect: from_text(&effect)? }));
            }
        }
        rows.into_iter().map(|row| row.operator(&overrides)).collect()
    }

    async fn operator_insert(&mut self, operator: &Operator) -> StoreResult<bool> {
        let insert = diesel::insert_into(operators::table)
            .values((
                operators::user_id.eq(operator.user),
                operators::role.eq(operator.rights.role.as_str()),
                operators::status.eq(operator.status.as_str()),
                operators::since.eq(operator.since),
                operators::set_by.eq(operator.set_by),
                operators::because.eq(operator.because.clone()),
                operators::version.eq(operator.version),
            ))
            .on_conflict_do_nothing();
        Ok(self.tx.execute(insert).await? == 1)
    }

    async fn operator_update(&mut self, operator: &Operator) -> StoreResult<()> {
        self.tx.defer(diesel::update(operators::table.find(operator.user)).set((
            operators::role.eq(operator.rights.role.as_str()),
            operators::status.eq(operator.status.as_str()),
            operators::since.eq(operator.since),
            operators::set_by.eq(operator.set_by),
            operators::because.eq(operator.because.clone()),
            operators::version.eq(operator.version),
        )));
        Ok(())
    }

    async fn operator_override_put(
        &mut self,
        user: UserId,
        set: &PlatformOverride,
        note: &Note,
    ) -> StoreResult<()> {
        let changed = (
            operator_overrides::effect.eq(to_text(set.effect)),
            operator_overrides::because.eq(note.because.clone()),
            operator_overrides::set_by.eq(Some(note.by)),
            operator_overrides::set_at.eq(note.at),
        );
        let key = (
            operator_overrides::user_id.eq(user),
            operator_overrides::pattern.eq(set.pattern.as_str().to_owned()),
        );
        self.tx.defer(
            diesel::insert_into(operator_overrides::table)
                .values((key, changed.clone()))
                .on_conflict((operator_overrides::user_id, operator_overrides::pattern))
                .do_update()
                .set(changed),
        );
        Ok(())
    }

    async fn operator_overrides_delete(
        &mut self,
        user: UserId,
        pattern: Option<&Pattern<PlatformSlug>>,
    ) -> StoreResult<()> {
        let all = operator_overrides::table.filter(operator_overrides::user_id.eq(user));
        match pattern {
            Some(pattern) => {
                let one = all.filter(operator_overrides::pattern.eq(pattern.as_str().to_owned()));
                self.tx.defer(diesel::delete(one));
            }
            None => self.tx.defer(diesel::delete(all)),
        }
        Ok(())
    }
}
