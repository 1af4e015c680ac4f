//! The clients who get letters, with the facts for the letters.

use crate::EventStore;
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Nullable, Text, Timestamptz, Uuid},
};
use tryzore_events::letter::BookingFacts;
use tryzore_kernel::{ClientId, Email, EventId, Locale, StoreError, StoreResult, TenantId};
use tryzore_postgres::statement;

/// A client who gets a letter about an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// The email address; `None` when the tenant has no address of the client.
    pub email: Option<Email>,
    /// The language of the client.
    pub locale: Locale,
    /// The booking, with the facts for the letter.
    pub visit: BookingFacts,
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

impl EventStore<'_> {
    /// The facts for a letter to `client` about `event`; `None` when the client or the event does not exist.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn guest_find(&mut self, event: EventId, client: ClientId) -> StoreResult<Option<Guest>> {
        let row: Option<GuestRow> = self.tx.row(ReadGuest { tenant: self.tenant, event, client }).await?;
        row.map(GuestRow::guest).transpose()
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
            visit: BookingFacts {
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
