//! On which days persons used permissions, written in batches.

use crate::statement;
use chrono::NaiveDate;
use diesel::sql_types::{Array, Date, Text, Uuid};
use tryzore_kernel::{TenantId, UserId};
use tryzore_rbac::PermissionSet;

/// The permissions that a person used on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PermissionUse {
    /// The person.
    pub user: UserId,
    /// The day.
    pub day: NaiveDate,
    /// What they used.
    pub used: PermissionSet,
}

statement! {
    /// In one order, so that processes that write at once wait for each other. Use by those who are no employees,
    /// or not any more, is not kept.
    pub(crate) struct WritePermissionUse {
        tenant: TenantId => Uuid,
        users: Vec<UserId> => Array<Uuid>,
        slugs: Vec<&'static str> => Array<Text>,
        days: Vec<NaiveDate> => Array<Date>,
    }
    "INSERT INTO rbac.permission_use (tenant_id, user_id, slug, last_used_on)
     SELECT $1, used.user_id, used.slug, max(used.day)
     FROM unnest($2, $3, $4) AS used (user_id, slug, day)
     WHERE EXISTS (SELECT FROM tenancy.employees e WHERE e.tenant_id = $1 AND e.user_id = used.user_id)
     GROUP BY used.user_id, used.slug
     ORDER BY used.user_id, used.slug
     ON CONFLICT (tenant_id, user_id, slug) DO UPDATE SET last_used_on = excluded.last_used_on
     WHERE permission_use.last_used_on < excluded.last_used_on"
}

impl WritePermissionUse {
    pub(crate) fn of(tenant: TenantId, uses: &[PermissionUse]) -> Self {
        let (mut users, mut slugs, mut days) = (Vec::new(), Vec::new(), Vec::new());
        for PermissionUse { user, day, used } in uses {
            for slug in used.iter() {
                users.push(*user);
                slugs.push(slug.as_str());
                days.push(*day);
            }
        }
        Self { tenant, users, slugs, days }
    }
}
