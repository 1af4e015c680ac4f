//! `GET /staff/access-review`: everything that employees hold, as a file.
//!
//! The file is read and sent in parts. If reading fails halfway, the connection is closed with an error, because half
//! a file must not look like a whole one.

use super::{
    permission_usage::page,
    review::{days, today},
};
use actix_web::{
    HttpResponse, get,
    http::header,
    web::{Bytes, Data},
};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use futures::stream::try_unfold;
use serde::Deserialize;
use std::collections::HashMap;
use tryzore_kernel::{Limit, OrganizationId, Problem};
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::{
    Assignment, Effect, Override, PermissionSet, Permit, Scope,
    catalogue::ManageRoles,
    manage::role::{expand, names},
};
use tryzore_rbac_postgres::{Rbac, reviews::Reviewed};
use tryzore_web::{Allow, ApiError, Parameters};
use utoipa::IntoParams;

const HEADER: [&str; 12] = [
    "user_id",
    "name",
    "kind",
    "role_or_permission",
    "effect",
    "scope",
    "organization_id",
    "location",
    "expires_at",
    "status",
    "last_sign_in_at",
    "unused_permissions",
];

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// For how many days a permission was not used: 90 if left out.
    #[param(minimum = 1, maximum = 730)]
    unused_days: Option<u32>,
}

/// Export an access review
///
/// A CSV file (RFC 4180, UTF-8 with a byte order mark) with a line for each role and each override of the employees
/// at locations where you manage roles: who, what, where, until when, whether it has ended, when they last signed in
/// to this tenant (sessions are kept for 90 days after they have ended), and which of its permissions they have not
/// used for a number of days. A text that a spreadsheet would take for a formula begins with an apostrophe.
#[utoipa::path(
    operation_id = "export_access_review",
    tag = "roles",
    params(Query),
    responses((status = 200, body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("settings.manage_roles")))
)]
#[get("/staff/access-review")]
pub(super) async fn access_review(
    Allow(permit): Allow<ManageRoles>,
    Parameters(query): Parameters<Query>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let (days, today) = (days(query.unused_days)?, today(&db));
    let names = async |tx: &mut TenantTx| tx.rbac().location_names(&permit).await;
    let locations = db.tenant_tx(&permit, names).await?.into_iter().collect();
    let lines = Lines { permit, locations, days, today, now: db.clock().now() };
    let file = ReviewFile { db, lines, next: Some(None) };
    let pieces = try_unfold(file, |mut file| async { Ok(file.piece().await?.map(|piece| (piece, file))) });
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"access-review.csv\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming::<_, Problem>(pieces))
}

struct ReviewFile {
    db: Data<Db>,
    lines: Lines,
    // The cursor of the next part, which the first one lacks; none after the last one.
    next: Option<Option<String>>,
}

impl ReviewFile {
    async fn piece(&mut self) -> Result<Option<Bytes>, Problem> {
        let Some(cursor) = self.next.take() else { return Ok(None) };
        let page = page(&self.db, &self.lines.permit, Limit::default(), cursor.as_deref()).await?;
        let mut piece = String::new();
        if cursor.is_none() {
            piece.push('\u{feff}');
            write_line(&mut piece, HEADER.map(str::to_owned));
        }
        for reviewed in &page.data {
            self.lines.write(&mut piece, reviewed);
        }
        self.next = page.next_cursor.map(Some);
        Ok(Some(piece.into()))
    }
}

struct Lines {
    permit: Permit<ManageRoles>,
    locations: HashMap<OrganizationId, String>,
    days: u32,
    today: NaiveDate,
    now: DateTime<Utc>,
}

// What a line is about.
struct Grant<'a> {
    kind: &'static str,
    name: &'a str,
    effect: &'static str,
    scope: &'static str,
    organization: Option<OrganizationId>,
    expires_at: Option<DateTime<Utc>>,
    grants: PermissionSet,
}

impl Lines {
    fn write(&self, file: &mut String, reviewed: &Reviewed) {
        let Reviewed { holdings, used, .. } = reviewed;
        let unused = holdings.unused(self.permit.reach(), used, self.days, self.today);
        let unused: PermissionSet = unused.iter().map(|unused| unused.slug).collect();
        let there = holdings.locations_of(self.permit.reach());
        let roles = holdings.assignments.iter().chain(&holdings.ended.assignments);
        let roles = roles.filter(|held| there.iter().any(|at| holdings.takes_in(held.scope, *at)));
        let overrides = holdings.overrides.iter().chain(&holdings.ended.overrides);
        let overrides = overrides.filter(|set| set.organization.is_none_or(|at| there.contains(&at)));
        for grant in roles.map(of_role).chain(overrides.map(of_override)) {
            self.write_grant(file, reviewed, unused, &grant);
        }
    }

    fn write_grant(&self, file: &mut String, reviewed: &Reviewed, unused: PermissionSet, grant: &Grant<'_>) {
        let instant = |at: Option<DateTime<Utc>>| {
            at.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true)).unwrap_or_default()
        };
        let has_ended = grant.expires_at.is_some_and(|end| end <= self.now);
        let unused = if has_ended { PermissionSet::EMPTY } else { grant.grants.intersection(unused) };
        let location = grant.organization.and_then(|at| self.locations.get(&at)).cloned();
        write_line(
            file,
            [
                reviewed.user.to_string(),
                reviewed.name.clone(),
                grant.kind.into(),
                grant.name.into(),
                grant.effect.into(),
                grant.scope.into(),
                grant.organization.map(|at| at.to_string()).unwrap_or_default(),
                location.unwrap_or_default(),
                instant(grant.expires_at),
                if has_ended { "expired".into() } else { "active".into() },
                instant(reviewed.last_sign_in_at),
                names(unused).join(" "),
            ],
        );
    }
}

fn of_role(held: &Assignment) -> Grant<'_> {
    Grant {
        kind: "role",
        name: &held.name,
        effect: "allow",
        scope: match held.scope {
            Scope::Organization(_) => "organization",
            Scope::Subtree(_) => "subtree",
            Scope::Owned => "owned",
        },
        organization: held.scope.organization(),
        expires_at: held.expires_at,
        grants: expand(&held.patterns),
    }
}

fn of_override(set: &Override) -> Grant<'_> {
    let (effect, grants) = match set.effect {
        Effect::Allow => ("allow", set.pattern.expand()),
        Effect::Deny => ("deny", PermissionSet::EMPTY),
    };
    Grant {
        kind: "override",
        name: set.pattern.as_str(),
        effect,
        scope: if set.organization.is_some() { "organization" } else { "tenant" },
        organization: set.organization,
        expires_at: set.expires_at,
        grants,
    }
}

// Every cell is quoted, so that commas, quotes and line breaks are part of the text.
fn write_line<const CELLS: usize>(file: &mut String, cells: [String; CELLS]) {
    for (nth, cell) in cells.into_iter().enumerate() {
        if nth > 0 {
            file.push(',');
        }
        file.push('"');
        if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
            file.push('\'');
        }
        file.push_str(&cell.replace('"', "\"\""));
        file.push('"');
    }
    file.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_and_never_a_formula() {
        let mut file = String::new();
        write_line(&mut file, ["=1+1", "+1", "-1", "@a", "\tb", "\rc", "\nd"].map(str::to_owned));
        let guarded = "\"'=1+1\",\"'+1\",\"'-1\",\"'@a\",\"'\tb\",\"'\rc\",\"'\nd\"\r\n";
        assert_eq!(file, guarded);
        let mut file = String::new();
        write_line(&mut file, ["a \"b\", c", "a=1", "", "two\r\nlines"].map(str::to_owned));
        assert_eq!(file, "\"a \"\"b\"\", c\",\"a=1\",\"\",\"two\r\nlines\"\r\n");
    }
}
