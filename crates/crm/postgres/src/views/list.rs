//! The list of clients (MEM-03), by name, and the search in it.
//!
//! A caller who sees only names finds by name only: a match by address or number would reveal it. A client
//! whose home is elsewhere is, by name, on the list of a location that they have visited.
//!
//! A search with few matches sorts them. A search with many, such as for a single letter, reads along the
//! index of names until a page is full, and so does a list without a search: see [`list_sql`].
//!
//! Texts are compared with the lowest and the highest text with the same start, not with LIKE: the plans of
//! prepared statements do not depend on values, and LIKE uses an index only when its pattern is known.

use super::list_sql;
use crate::CrmStore;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Date, Nullable, Text, Timestamptz, Uuid},
};
use serde::{Deserialize, Serialize};
use tryzore_crm::Country;
use tryzore_kernel::{ClientId, Email, Limit, OrganizationId, Page, StoreResult, TenantId};
use tryzore_postgres::statement;
use tryzore_rbac::{Permit, catalogue::ViewClients};
use utoipa::ToSchema;

/// Which clients of the selected locations to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Clients whose home is there and clients who have visited.
    #[default]
    All,
    /// Clients whose home is there.
    Home,
    /// Clients who have visited and whose home is another location.
    Visiting,
    /// Clients who have been at two locations or more.
    Multi,
}

/// Clients with which status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusFilter {
    /// Active clients.
    #[default]
    Active,
    /// Archived clients.
    Archived,
    /// Active and archived clients.
    All,
}

/// Which clients to list.
#[derive(Debug, Clone, Default)]
pub struct ClientFilter {
    /// One location; all locations in the reach of the permit when `None`.
    pub organization: Option<OrganizationId>,
    /// Whether the location is their home, they have visited, or both.
    pub presence: Presence,
    /// Active, archived, or both.
    pub status: StatusFilter,
    /// The start of a family name, a given name, an e-mail address or a phone number; `rossi an` and
    /// `anna ro` find Anna Rossi. Case and accents of names do not count.
    pub search: Option<String>,
    /// The country whose national numbers a search such as `333 12` is for.
    pub country: Option<Country>,
}

/// A client on a list. For a client of whom the caller may see only the name, the other fields are null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClientLine {
    /// The client.
    pub id: ClientId,
    /// Given name, or the only name.
    pub given_name: String,
    /// Family name; null for one-word names.
    pub family_name: Option<String>,
    /// The home location of the client.
    pub home_organization_id: OrganizationId,
    /// Whether the client is archived.
    #[schema(value_type = crate::shapes::ClientStatus)]
    pub status: String,
    /// Whether the caller may see only the name.
    pub is_limited: bool,
    /// The e-mail address.
    pub email: Option<String>,
    /// The phone number.
    pub phone: Option<String>,
    /// First day as a customer.
    pub joined_on: Option<NaiveDate>,
    /// When the client last came.
    pub last_visit_at: Option<DateTime<Utc>>,
    /// Locations other than the home that the client has visited or has a spot at.
    pub other_organization_ids: Vec<OrganizationId>,
}

/// Where a page of the list starts: after the client with this name and id.
pub type ListKey = (String, ClientId);

statement! {
    struct FindPage {
        tenant: TenantId => Uuid,
        presence: &'static str => Text,
        status: Option<&'static str> => Nullable<Text>,
        after_key: String => Text,
        after_id: ClientId => Uuid,
        limit: i64 => BigInt,
        seen: Option<Vec<OrganizationId>> => Nullable<Array<Uuid>>,
        start: Option<String> => Nullable<Text>,
        phone: String => Text,
        other_phone: String => Text,
    }
    list_sql::EVERYWHERE
}

statement! {
    struct FindPageAt {
        tenant: TenantId => Uuid,
        looked: Vec<OrganizationId> => Array<Uuid>,
        presence: &'static str => Text,
        status: Option<&'static str> => Nullable<Text>,
        after_key: String => Text,
        after_id: ClientId => Uuid,
        limit: i64 => BigInt,
        seen: Option<Vec<OrganizationId>> => Nullable<Array<Uuid>>,
        start: Option<String> => Nullable<Text>,
        phone: String => Text,
        other_phone: String => Text,
    }
    list_sql::AT_LOCATIONS
}

statement! {
    struct SearchPage {
        tenant: TenantId => Uuid,
        looked: Option<Vec<OrganizationId>> => Nullable<Array<Uuid>>,
        presence: &'static str => Text,
        status: Option<&'static str> => Nullable<Text>,
        after_key: String => Text,
        after_id: ClientId => Uuid,
        limit: i64 => BigInt,
        seen: Option<Vec<OrganizationId>> => Nullable<Array<Uuid>>,
        start: String => Text,
        phone: String => Text,
        other_phone: String => Text,
    }
    list_sql::FOUND
}

statement! {
    struct ReadLines { tenant: TenantId => Uuid, clients: Vec<ClientId> => Array<Uuid> }
    "SELECT c.id, c.given_name, c.family_name, c.home_organization_id, c.status, c.email, c.phone, c.joined_on,
            (SELECT max(b.status_at) FROM events.bookings b
             WHERE b.tenant_id = $1 AND b.client_id = c.id AND b.status = 'attended') AS last_visit_at,
            ARRAY (SELECT DISTINCT b.attended_organization_id FROM events.bookings b
                   WHERE b.tenant_id = $1 AND b.client_id = c.id
                     AND b.status IN ('booked', 'attended', 'no_show')
                     AND b.attended_organization_id <> c.home_organization_id
                   ORDER BY 1) AS other_organization_ids
     FROM crm.clients c
     WHERE c.tenant_id = $1 AND c.id = ANY ($2)
     ORDER BY c.name_key, c.id"
}

#[derive(QueryableByName)]
struct KeyRow {
    #[diesel(sql_type = Uuid)]
    id: ClientId,
    #[diesel(sql_type = Text)]
    name_key: String,
}

#[derive(QueryableByName)]
struct FoundRow {
    // `None`: too many matches to sort them.
    #[diesel(sql_type = Nullable<Uuid>)]
    id: Option<ClientId>,
    #[diesel(sql_type = Text)]
    name_key: String,
}

#[derive(QueryableByName)]
struct LineRow {
    #[diesel(sql_type = Uuid)]
    id: ClientId,
    #[diesel(sql_type = Text)]
    given_name: String,
    #[diesel(sql_type = Text)]
    family_name: String,
    #[diesel(sql_type = Uuid)]
    home_organization_id: OrganizationId,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Nullable<Text>)]
    email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    phone: Option<String>,
    #[diesel(sql_type = Date)]
    joined_on: NaiveDate,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_visit_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Array<Uuid>)]
    other_organization_ids: Vec<OrganizationId>,
}

impl LineRow {
    fn line(self, permit: &Permit<ViewClients>) -> ClientLine {
        let in_full = permit.reach().covers(self.home_organization_id);
        ClientLine {
            id: self.id,
            given_name: self.given_name,
            family_name: Some(self.family_name).filter(|name| !name.is_empty()),
            home_organization_id: self.home_organization_id,
            status: self.status,
            is_limited: !in_full,
            email: self.email.filter(|_| in_full),
            phone: self.phone.filter(|_| in_full),
            joined_on: Some(self.joined_on).filter(|_| in_full),
            last_visit_at: self.last_visit_at.filter(|_| in_full),
            other_organization_ids: if in_full { self.other_organization_ids } else { Vec::new() },
        }
    }
}

impl CrmStore<'_> {
    /// The clients of `filter` that `permit` allows to see, by name. `None` when the requested location is
    /// not visible to the caller.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clients_list(
        &mut self,
        permit: &Permit<ViewClients>,
        filter: ClientFilter,
        after: Option<ListKey>,
        limit: Limit,
    ) -> StoreResult<Option<Page<ClientLine>>> {
        let Some(looked) = looked(permit, filter.organization) else { return Ok(None) };
        let (after_key, after_id) = after.unwrap_or_else(|| (String::new(), uuid::Uuid::nil().into()));
        let (tenant, rows) = (self.tenant, limit.fetch_limit());
        let (presence, status) = (presence(filter.presence), status(filter.status));
        let seen = permit.reach().filter().map(<[_]>::to_vec);
        let [phone, other_phone] = match &filter.search {
            Some(start) => phone_starts(start, filter.country),
            None => phone_starts("", None),
        };
        let start = filter.search.map(|start| email_form(&start).unwrap_or(start));
        let found = match start.clone() {
            None => None,
            Some(start) => {
                let search = SearchPage {
                    tenant,
                    looked: looked.clone(),
                    presence,
                    status,
                    after_key: after_key.clone(),
                    after_id,
                    limit: rows,
                    seen: seen.clone(),
                    start,
                    phone: phone.clone(),
                    other_phone: other_phone.clone(),
                };
                self.found(search).await?
            }
        };
        let keys: Vec<KeyRow> = match (found, looked) {
            (Some(found), _) => found,
            (None, None) => {
                let limit = rows;
                let find = FindPage {
                    tenant,
                    presence,
                    status,
                    after_key,
                    after_id,
                    limit,
                    seen,
                    start,
                    phone,
                    other_phone,
                };
                self.tx.rows(find).await?
            }
            (None, Some(looked)) => {
                let limit = rows;
                let find = FindPageAt {
                    tenant,
                    looked,
                    presence,
                    status,
                    after_key,
                    after_id,
                    limit,
                    seen,
                    start,
                    phone,
                    other_phone,
                };
                self.tx.rows(find).await?
            }
        };
        let page = Page::from_rows(keys, limit, |row| (row.name_key.clone(), row.id));
        let clients = page.data.iter().map(|row| row.id).collect();
        let lines: Vec<LineRow> = self.tx.rows(ReadLines { tenant, clients }).await?;
        let data = lines.into_iter().map(|row| row.line(permit)).collect();
        Ok(Some(Page { data, next_cursor: page.next_cursor }))
    }

    /// The page of a search with few matches; `None` when there are too many to sort.
    async fn found(&mut self, search: SearchPage) -> StoreResult<Option<Vec<KeyRow>>> {
        let rows: Vec<FoundRow> = self.tx.rows(search).await?;
        let key = |row: FoundRow| row.id.map(|id| KeyRow { id, name_key: row.name_key });
        Ok(rows.into_iter().map(key).collect())
    }
}

/// A complete e-mail address in the form in which it is stored.
fn email_form(text: &str) -> Option<String> {
    text.parse::<Email>().ok().map(String::from)
}

/// The locations to read: `Some(None)` for all of the tenant, `None` for a location that is not visible to
/// the caller.
#[allow(clippy::option_option, reason = "as the statement takes it")]
fn looked(permit: &Permit<ViewClients>, at: Option<OrganizationId>) -> Option<Option<Vec<OrganizationId>>> {
    let (full, limited) = (permit.reach(), permit.limited());
    match at {
        Some(at) => (full.covers(at) || limited.covers(at)).then(|| Some(vec![at])),
        None => Some(match (full.filter(), limited.filter()) {
            (None, _) | (_, None) => None,
            (Some(full), Some(limited)) => Some([full, limited].concat()),
        }),
    }
}

const fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::All => "all",
        Presence::Home => "home",
        Presence::Visiting => "visiting",
        Presence::Multi => "multi",
    }
}

const fn status(status: StatusFilter) -> Option<&'static str> {
    match status {
        StatusFilter::Active => Some("active"),
        StatusFilter::Archived => Some("archived"),
        StatusFilter::All => None,
    }
}

/// The possible starts, in international form, of a number that starts with `text`. No number starts with a
/// tilde, which matches nothing.
fn phone_starts(text: &str, country: Option<Country>) -> [String; 2] {
    let none = || "~".to_owned();
    let dialled: String = text.chars().filter(|c| !c.is_whitespace() && !"-./()".contains(*c)).collect();
    let (plus, digits) = match dialled.strip_prefix('+').or_else(|| dialled.strip_prefix("00")) {
        Some(digits) => (true, digits),
        None => (false, dialled.as_str()),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return [none(), none()];
    }
    let abroad = format!("+{digits}");
    let Some(code) = country.and_then(Country::calling_code).filter(|_| !plus) else {
        return [abroad, none()];
    };
    // The leading zero is only dialled inside the country, but in Italy it is part of the number.
    let national = if code == 39 { digits } else { digits.strip_prefix('0').unwrap_or(digits) };
    [abroad, format!("+{code}{national}")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_of_a_number_is_found_in_every_notation() {
        let starts = |text, country| phone_starts(text, country);
        let two = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
        assert_eq!(starts("+39 333", None), two("+39333", "~"));
        assert_eq!(starts("0039-333", Some(Country::ITALY)), two("+39333", "~"));
        assert_eq!(starts("333 12", Some(Country::ITALY)), two("+33312", "+3933312"));
        assert_eq!(starts("06 12", Some(Country::ITALY)), two("+0612", "+390612"));
        assert_eq!(starts("081", Some(Country::THAILAND)), two("+081", "+6681"));
        assert_eq!(starts("333", None), two("+333", "~"));
        for no_number in ["anna", "+", "a@x.it", "33a"] {
            assert_eq!(starts(no_number, Some(Country::ITALY)), two("~", "~"), "{no_number}");
        }
    }
}
