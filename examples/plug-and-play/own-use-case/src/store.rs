//! Invitations on a transaction of the platform: one table of ours, and the platform's own port for what it knows.

use crate::invite_friend::{InvitationContext, Invitations};
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Text, Timestamptz, Uuid},
};
use tryzore_events::Bookings;
use tryzore_events_postgres::Events;
use tryzore_kernel::{Email, EventId, OrganizationId, StoreResult, TenantId, UserId, uuid_at};
use tryzore_postgres::{statement, store};

store! {
    /// What the Lagoon keeps, on a transaction.
    pub struct LagoonStore;
    /// Gives a transaction the ports of the Lagoon.
    pub trait Lagoon { fn lagoon }
}

statement! {
    struct CountInvitations { tenant: TenantId => Uuid, event: EventId => Uuid, user: UserId => Uuid }
    "SELECT count(*) AS invited FROM lagoon.invitations
     WHERE tenant_id = $1 AND event_id = $2 AND invited_by = $3"
}

statement! {
    struct InsertInvitation {
        tenant: TenantId => Uuid,
        id: uuid::Uuid => Uuid,
        event: EventId => Uuid,
        by: UserId => Uuid,
        friend: String => Text,
        at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO lagoon.invitations (tenant_id, id, event_id, invited_by, friend, invited_at)
     VALUES ($1, $2, $3, $4, $5, $6)"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Counted {
    #[diesel(sql_type = BigInt)]
    invited: i64,
}

impl Invitations for LagoonStore<'_> {
    async fn invitation_context(
        &mut self,
        event: EventId,
        user: UserId,
        at: Option<OrganizationId>,
    ) -> StoreResult<Option<InvitationContext>> {
        // The platform's port on the same transaction: it locks the class, and knows who has a spot.
        let booking = self.events().booking_context(event, user, at).await?;
        let Some(booking) = booking else { return Ok(None) };
        let counted: Option<Counted> =
            self.tx.row(CountInvitations { tenant: self.tenant, event, user }).await?;
        let invited = counted.and_then(|row| u32::try_from(row.invited).ok()).unwrap_or(u32::MAX);
        let has_spot = booking.booking_client.holds.is_some();
        Ok(Some(InvitationContext { event: booking.event, has_spot, invited }))
    }

    async fn invitation_insert(
        &mut self,
        event: EventId,
        by: UserId,
        friend: &Email,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        // Deferred: it is sent with the next read, or with the commit.
        let friend = friend.to_string();
        self.tx.defer(InsertInvitation { tenant: self.tenant, id: uuid_at(now), event, by, friend, at: now });
        Ok(())
    }
}
