//! A client who has a spot in a class invites up to three friends to it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_events::Event;
use tryzore_kernel::{
    Command, DecisionContext, Denial, Email, EventId, Fact, Journal, OrganizationId, StoreResult,
    UseCaseError, UserId,
};
use tryzore_rbac::{
    DomainEvent, Permission, Permit, Slug,
    domain_event::{About, Payload},
    domain_events,
};

/// The most friends whom one client may invite to one class.
pub const MOST: u32 = 3;

/// Decisions about it are seen by the client, and by those who see every event of the location.
const COMMAND: Command = Command::new("lagoon.invite_friend").seen_by(Slug::VIEW_ALL_EVENTS.audience());

/// Invite a friend: whoever may book for themselves may invite.
pub enum InviteFriend {}

impl Permission for InviteFriend {
    const FULL: Slug = Slug::OWN_BOOK;
}

domain_events! {
    VIEW_ALL_EVENTS {
        FriendInvited = "lagoon.friend_invited";
    }
}

/// A friend was invited. Ids only: whoever sends the mail reads the address of the friend from our table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FriendInvited {
    /// The class.
    pub event: EventId,
    /// Its location.
    pub organization: OrganizationId,
    /// The client who invited.
    pub user: UserId,
}

impl Payload for FriendInvited {
    fn about(&self) -> About {
        About::object(self.event).at(self.organization).person(self.user)
    }
}

/// What decides an invitation.
pub struct InvitationContext {
    /// The class.
    pub event: Event,
    /// Whether the client has a spot in it.
    pub has_spot: bool,
    /// How many friends the client has invited to it.
    pub invited: u32,
}

/// What the use case needs of a store.
#[trait_variant::make(Send)]
pub trait Invitations {
    /// Locks `event` until the transaction ends, and reads what decides an invitation by `user`, who is at `at`. None
    /// when there is no such event or the user is not a client.
    async fn invitation_context(
        &mut self,
        event: EventId,
        user: UserId,
        at: Option<OrganizationId>,
    ) -> StoreResult<Option<InvitationContext>>;

    /// Adds an invitation.
    async fn invitation_insert(
        &mut self,
        event: EventId,
        by: UserId,
        friend: &Email,
        now: DateTime<Utc>,
    ) -> StoreResult<()>;
}

impl InvitationContext {
    /// Whether the client may invite one more friend, and the facts behind it.
    pub fn invite(&self, now: DateTime<Utc>) -> Result<Vec<Fact>, Denial> {
        self.event.context_open(now)?;
        if !self.has_spot {
            return Err(Denial::state("lagoon.invite_friend.no_spot")
                .because("event", self.event.id)
                .remedy("Book a spot for yourself first.", Some("events.book")));
        }
        if self.invited >= MOST {
            return Err(Denial::state("lagoon.invite_friend.enough")
                .because("invitations", self.invited)
                .because("invitations.most", MOST)
                .remedy("Ask the front desk to invite more people.", None));
        }
        Ok(vec![Fact::new("invitations", self.invited), Fact::new("invitations.most", MOST)])
    }
}

/// Invites `friend` to `event` for the client who is signed in.
pub async fn invite_friend<T: Invitations + Journal>(
    permit: &Permit<InviteFriend>,
    tx: &mut T,
    event: EventId,
    friend: &Email,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    let user = permit.actor().user().ok_or(UseCaseError::NotFound("event"))?;
    let context = tx.invitation_context(event, user, permit.organization()).await?;
    let context = context.ok_or(UseCaseError::NotFound("event"))?;
    let organization = context.event.organization;
    let decision = DecisionContext::new(COMMAND, event, organization).about(user);
    let facts = tx.record_if_denied(decision, context.invite(now))?;
    tx.invitation_insert(event, user, friend, now).await?;
    tx.decision_record(decision.allowed(facts));
    tx.event_publish(FriendInvited { event, organization, user }.published(now));
    Ok(())
}
