//! The decision log, for its readers.

use crate::{
    TenantTx, statement,
    visibility::{is_visible_to_others, is_visible_to_subject, shows_private},
};
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid},
};
use serde::Serialize;
use serde_json::Value;
use tryzore_kernel::{DecisionId, Limit, OrganizationId, Page, StoreResult, TenantId, UserId};
use tryzore_rbac::{ActorView, Grants, Reach, Slug};
use tryzore_schema::runtime::decisions;
use utoipa::ToSchema;
use uuid::Uuid;

/// A decision: the facts it rests on, and what would have changed it.
#[derive(Debug, Clone, Queryable, QueryableByName, Selectable, Serialize, ToSchema)]
#[diesel(table_name = decisions)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct DecisionView {
    /// The id of the decision.
    pub id: DecisionId,
    /// The command that was decided, such as `events.book`.
    pub command: String,
    /// The object of the command.
    pub object_id: Uuid,
    /// The location of the object.
    pub organization_id: Option<OrganizationId>,
    /// Who sent the command.
    #[schema(value_type = ActorView)]
    #[serde(serialize_with = "ActorView::of_stored")]
    pub actor: Value,
    /// The user whom the decision concerns.
    pub subject_id: Option<UserId>,
    #[serde(skip)]
    audience: Option<String>,
    /// Whether the command was allowed.
    #[schema(value_type = tryzore_kernel::Outcome)]
    pub outcome: String,
    /// The code of the denial, or `allowed`.
    pub code: String,
    /// The facts that the decision rests on.
    #[schema(value_type = Vec<tryzore_kernel::Fact>)]
    pub because: Value,
    /// What would have changed the decision.
    #[schema(value_type = Option<tryzore_kernel::Remedy>)]
    pub remedy: Option<Value>,
    /// When the command was decided.
    pub decided_at: DateTime<Utc>,
}

impl DecisionView {
    // Users see decisions on their own commands and about themselves; managers also those of their locations.
    fn is_visible_to(&self, grants: &Grants) -> bool {
        let audience = self.audience.as_deref();
        serde_json::to_value(grants.actor()).is_ok_and(|actor| actor == self.actor)
            || is_visible_to_subject(grants, audience, self.subject_id)
            || is_visible_to_others(grants, audience, self.organization_id)
    }
}

statement! {
    /// [`DecisionView::is_visible_to`] as part of the query: a page contains only visible decisions, so
    /// that neither its length nor its cursor reveals hidden ones.
    struct VisibleAbout {
        tenant: TenantId => SqlUuid,
        object: Uuid => SqlUuid,
        before: Uuid => SqlUuid,
        limit: i64 => BigInt,
        actor: Value => Jsonb,
        me: Option<UserId> => Nullable<SqlUuid>,
        everywhere: Vec<&'static str> => Array<Text>,
        somewhere: Vec<&'static str> => Array<Text>,
        somewhere_set: Vec<i32> => Array<Integer>,
        at: Vec<OrganizationId> => Array<SqlUuid>,
        at_set: Vec<i32> => Array<Integer>,
        shows_private: bool => Bool,
    }
    "SELECT d.id, d.command, d.object_id, d.organization_id, d.actor, d.subject_id, d.audience, d.outcome, d.code,
            d.because, d.remedy, d.decided_at
     FROM runtime.decisions d
     WHERE d.tenant_id = $1 AND d.object_id = $2 AND d.id < $3
       AND (d.actor = $5 OR (d.subject_id = $6 AND (d.audience IS NOT NULL OR $12))
            OR (d.organization_id IS NOT NULL AND d.audience = ANY ($7))
            OR EXISTS (SELECT FROM unnest($8::text[], $9::int[]) AS p (permission, set)
                       JOIN unnest($10::uuid[], $11::int[]) AS o (id, set) USING (set)
                       WHERE p.permission = d.audience AND o.id = d.organization_id))
     ORDER BY d.id DESC
     LIMIT $4"
}

/// The permissions that someone holds, as audiences: everywhere, or at a set of locations. Permissions that
/// are held at the same locations share the set, which has a number.
#[derive(Default)]
struct Shown {
    everywhere: Vec<&'static str>,
    somewhere: Vec<(&'static str, i32)>,
    at: Vec<(OrganizationId, i32)>,
}

impl Shown {
    fn by(grants: &Grants) -> Self {
        let (mut shown, mut sets) = (Self::default(), Vec::new());
        for slug in Slug::ALL {
            match grants.reach(*slug) {
                Reach::Tenant => shown.everywhere.push(slug.as_str()),
                Reach::Organizations(at) => {
                    let known = sets.iter().zip(0..).find(|(set, _)| *set == at).map(|(_, number)| number);
                    let number = known.unwrap_or_else(|| {
                        let number = i32::try_from(sets.len()).unwrap_or(i32::MAX);
                        shown.at.extend(at.iter().map(|at| (*at, number)));
                        sets.push(at.clone());
                        number
                    });
                    shown.somewhere.push((slug.as_str(), number));
                }
                Reach::Nowhere | Reach::Own => {}
            }
        }
        shown
    }
}

impl TenantTx {
    /// Finds a decision that `grants` may see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn decision_find(
        &mut self,
        id: DecisionId,
        grants: &Grants,
    ) -> StoreResult<Option<DecisionView>> {
        let query = decisions::table
            .filter(decisions::tenant_id.eq(self.tenant))
            .filter(decisions::id.eq(id))
            .select(DecisionView::as_select());
        let found: Option<DecisionView> = self.tx.row(query).await?;
        Ok(found.filter(|decision| decision.is_visible_to(grants)))
    }

    /// Lists the decisions about `object` that `grants` may see, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn decisions_about(
        &mut self,
        object: Uuid,
        grants: &Grants,
        before: Option<DecisionId>,
        limit: Limit,
    ) -> StoreResult<Page<DecisionView>> {
        let Shown { everywhere, somewhere, at } = Shown::by(grants);
        let (somewhere, somewhere_set) = somewhere.into_iter().unzip();
        let (at, at_set) = at.into_iter().unzip();
        let about = VisibleAbout {
            tenant: self.tenant,
            object,
            before: before.map_or(Uuid::max(), DecisionId::uuid),
            limit: limit.fetch_limit(),
            actor: serde_json::to_value(grants.actor()).unwrap_or(Value::Null),
            me: grants.actor().user(),
            everywhere,
            somewhere,
            somewhere_set,
            at,
            at_set,
            shows_private: shows_private(grants, false),
        };
        Ok(Page::from_rows(self.tx.rows(about).await?, limit, |decision: &DecisionView| decision.id))
    }
}
