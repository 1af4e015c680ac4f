//! Reading the recipients of letters, and the facts for letters.

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Nullable, Text, Timestamptz, Uuid},
};
use tryzore_kernel::{ClientId, EventId, OrganizationId, StoreError, StoreResult, TenantId};
use tryzore_messaging::{Guest, Guests, Locale, Visit};
use tryzore_postgres::statement;
use tryzore_schema::tenancy::organizations;

tryzore_postgres::store! {
    /// The recipients of letters, and the facts for letters, on a transaction.
    pub struct MessagingStore;
    /// Gives a transaction the ports of the messaging crate.
    pub trait Messaging { fn messaging }
}

statement! {
    struct ReadGuest { tenant: TenantId => Uuid, event: EventId => Uuid, client: ClientId => Uuid }
    "SELECT c.given_name, c.email, c.locale, e.name, e.location, e.starts_at, o.name AS organization, o.time_zone
     FROM crm.clients c
     JOIN events.events e ON e.tenant_id = $1 AND e.id = $2
     JOIN tenancy.organizations o ON o.tenant_id = $1 AND o.id = e.organization_id
     WHERE c.tenant_id = $1 AND c.id = $3"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct GuestRow {
    #[diesel(sql_type = Text)]
    given_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    locale: Option<String>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    location: String,
    #[diesel(sql_type = Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    organization: String,
    #[diesel(sql_type = Text)]
    time_zone: String,
}

impl Guests for MessagingStore<'_> {
    async fn guest_find(&mut self, event: EventId, client: ClientId) -> StoreResult<Option<Guest>> {
        let row: Option<GuestRow> = self.tx.row(ReadGuest { tenant: self.tenant, event, client }).await?;
        row.map(GuestRow::guest).transpose()
    }

    async fn organization_name(&mut self, organization: OrganizationId) -> StoreResult<Option<String>> {
        let named = organizations::table
            .filter(organizations::tenant_id.eq(self.tenant))
            .filter(organizations::id.eq(organization))
            .select(organizations::name);
        self.tx.row(named).await
    }
}

impl GuestRow {
    fn guest(self) -> StoreResult<Guest> {
        let zone =
            self.time_zone.parse().map_err(|_| StoreError::Broken("organizations.time_zone".into()))?;
        Ok(Guest {
            // A stored address may be invalid, for example after an import. Such a client gets no mail.
            email: self.email.and_then(|email| email.parse().ok()),
            locale: Locale::choose(self.locale.as_deref()),
            visit: Visit {
                name: self.given_name,
                event: self.name,
                organization: self.organization,
                place: self.location,
                starts_at: self.starts_at,
                zone,
            },
        })
    }
}
