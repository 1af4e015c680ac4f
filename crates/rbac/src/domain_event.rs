//! Domain events: what happened, for subscribers in other domains and for the clients that follow the
//! stream.
//!
//! A domain declares each kind as a type with [`domain_events!`](crate::domain_events): its name, who sees
//! it, and what it invalidates in caches. Its [`Payload`], which several kinds may share, says what an event
//! is about. A use case publishes with
//! `tx.event_publish(Booked(spot_taken).published(now))`; a subscription receives the same type.
//!
//! **Invariant:** a kind that declares no permission is seen by the person concerned alone.

use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use tryzore_kernel::{OrganizationId, Published, UserId, uuid_at};
use uuid::Uuid;

#[doc(hidden)]
pub use {
    serde,
    tryzore_kernel::{Audience, Invalidates},
};

/// What an event is about. It decides the order of delivery and who may receive the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct About {
    object: Option<Uuid>,
    organization: Option<OrganizationId>,
    subject: Option<UserId>,
}

impl About {
    /// About the object `id`; events of one object are delivered in order.
    #[must_use]
    pub fn object(id: impl Into<Uuid>) -> Self {
        Self { object: Some(id.into()), ..Self::default() }
    }

    /// About no object: the event is in no order with others.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// The location that the event concerns, if it concerns one. Its staff receive the event who have the
    /// permission of the kind.
    #[must_use]
    pub fn at(self, organization: impl Into<Option<OrganizationId>>) -> Self {
        Self { organization: organization.into(), ..self }
    }

    /// The person whom the event concerns. They may receive it even if others may not.
    #[must_use]
    pub fn person(self, subject: impl Into<Option<UserId>>) -> Self {
        Self { subject: subject.into(), ..self }
    }
}

/// The data of an event, stored as JSON. It has ids, and neither secrets nor addresses.
pub trait Payload: Serialize + DeserializeOwned + Send {
    /// What the event is about.
    fn about(&self) -> About;
}

/// A kind of domain event.
pub trait DomainEvent: Payload {
    /// The name of the kind: the domain and a verb in the past tense. It never changes, because it is
    /// stored, and clients know it.
    const KIND: &'static str;
    /// Who may receive the event at its location, besides the person concerned.
    const AUDIENCE: Audience;

    /// What the event invalidates in caches.
    fn invalidates(&self) -> Option<Invalidates> {
        None
    }

    /// The event to publish, which happened at `at`.
    fn published(&self, at: DateTime<Utc>) -> Published {
        let About { object, organization, subject } = self.about();
        let aggregate = object.unwrap_or_else(|| uuid_at(at));
        Published {
            subject,
            audience: Self::AUDIENCE,
            invalidates: self.invalidates(),
            ..Published::new(Self::KIND, aggregate, organization, at, self)
        }
    }
}

/// Declares kinds of domain events, by who sees them: the constant of a [`Slug`](crate::Slug), or `SUBJECT`
/// for the person concerned alone.
///
/// `Booked(SpotTaken) = "events.booked";` declares a type `Booked` around a [`Payload`] that other kinds
/// have too. `SpotTaken = "events.booked";` makes an event of a [`Payload`] that no other kind has. Both
/// may end with `, invalidates |event| Invalidation::User(event.user);`.
///
/// `DECLARED` lists the kinds and their audiences.
///
/// ```
/// use tryzore_kernel::{OrganizationId, UserId};
/// use tryzore_rbac::{DomainEvent, domain_event::{About, Payload}, domain_events};
/// use uuid::Uuid;
///
/// #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
/// pub struct Visit {
///     pub visit: Uuid,
///     pub user: UserId,
///     pub organization: OrganizationId,
/// }
///
/// impl Payload for Visit {
///     fn about(&self) -> About {
///         About::object(self.visit).at(self.organization).person(self.user)
///     }
/// }
///
/// domain_events! {
///     VIEW_ALL_EVENTS {
///         /// A guest came.
///         GuestArrived(Visit) = "visits.guest_arrived";
///         /// A guest left.
///         GuestLeft(Visit) = "visits.guest_left";
///     }
/// }
///
/// assert_eq!(GuestLeft::AUDIENCE.permission(), Some("events.view_all"));
/// ```
#[macro_export]
macro_rules! domain_events {
    ($($audience:ident {$(
        $(#[$doc:meta])*
        $name:ident $(($payload:ty))? = $kind:literal $(, invalidates |$event:pat_param| $part:expr)?;
    )+})+) => {
        $($(
            $crate::domain_events!(@type $(#[$doc])* $name $($payload)?);

            impl $crate::DomainEvent for $name {
                const KIND: &'static str = $kind;
                const AUDIENCE: $crate::domain_event::Audience = $crate::domain_events!(@audience $audience);

                $(fn invalidates(&self) -> Option<$crate::domain_event::Invalidates> {
                    let $event = self;
                    Some($part.into())
                })?
            }
        )+)+

        /// The kinds of domain events, each with its audience.
        pub const DECLARED: &[(&str, $crate::domain_event::Audience)] = &[$($(
            (<$name as $crate::DomainEvent>::KIND, <$name as $crate::DomainEvent>::AUDIENCE),
        )+)+];
    };
    (@audience SUBJECT) => { $crate::domain_event::Audience::SUBJECT };
    (@audience $permission:ident) => { $crate::Slug::$permission.audience() };
    (@type $name:ident) => {};
    (@type $(#[$doc:meta])* $name:ident $payload:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, $crate::domain_event::serde::Serialize, $crate::domain_event::serde::Deserialize)]
        #[serde(transparent, crate = "tryzore_rbac::domain_event::serde")]
        pub struct $name(
            /// The data of the event.
            pub $payload,
        );

        impl std::ops::Deref for $name {
            type Target = $payload;

            fn deref(&self) -> &$payload {
                &self.0
            }
        }

        impl $crate::domain_event::Payload for $name {
            fn about(&self) -> $crate::domain_event::About {
                $crate::domain_event::Payload::about(&self.0)
            }
        }
    };
}

#[cfg(test)]
#[allow(unreachable_pub, reason = "the macro declares what a domain exports")]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;
    use tryzore_kernel::Invalidation;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub struct OfUser {
        user: Option<UserId>,
        at: Option<OrganizationId>,
    }

    impl Payload for OfUser {
        fn about(&self) -> About {
            self.user.map_or_else(About::nothing, About::object).at(self.at).person(self.user)
        }
    }

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Moved {
        to: Uuid,
    }

    impl Payload for Moved {
        fn about(&self) -> About {
            About::object(self.to)
        }
    }

    domain_events! {
        MANAGE_STAFF {
            /// Somebody was hired.
            Hired(OfUser) = "test.hired";
            /// Somebody was dismissed.
            Dismissed(OfUser) = "test.dismissed", invalidates |it| Invalidation::User(it.user.unwrap());
        }
        SUBJECT {
            Moved = "test.moved", invalidates |_| Invalidates::OwnTenant;
        }
    }

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    #[test]
    fn a_kind_declares_its_name_and_audience_and_what_it_invalidates() {
        let (user, at) = (UserId::generate(NOW), OrganizationId::generate(NOW));
        let payload = OfUser { user: Some(user), at: Some(at) };
        let hired = Hired(payload.clone()).published(NOW);
        assert_eq!((&*hired.kind, hired.aggregate), ("test.hired", user.uuid()));
        assert_eq!((hired.organization, hired.subject, hired.at), (Some(at), Some(user), NOW));
        assert_eq!((hired.audience.permission(), hired.invalidates), (Some("settings.manage_staff"), None));
        assert_eq!(hired.payload, json!({ "user": user, "at": at }), "the payload and nothing around it");
        assert_eq!(serde_json::from_value::<Hired>(hired.payload).unwrap(), Hired(payload.clone()));
        let dismissed = Dismissed(payload).published(NOW);
        assert_eq!(dismissed.invalidates, Some(Invalidation::User(user).into()));
        let moved = Moved { to: Uuid::max() }.published(NOW);
        assert_eq!((&*moved.kind, moved.aggregate), ("test.moved", Uuid::max()));
        assert_eq!((moved.organization, moved.subject, moved.audience), (None, None, Audience::SUBJECT));
        assert_eq!(moved.invalidates, Some(Invalidates::OwnTenant));
        let staff = Audience::holders_of("settings.manage_staff");
        let declared = [("test.hired", staff), ("test.dismissed", staff), ("test.moved", Audience::SUBJECT)];
        assert_eq!(DECLARED, declared);
    }

    #[test]
    fn an_event_of_no_object_is_in_no_order_with_others() {
        let nobody = Hired(OfUser { user: None, at: None });
        let (one, other) = (nobody.published(NOW), nobody.published(NOW));
        assert!(!one.aggregate.is_nil() && one.aggregate != other.aggregate);
        assert_eq!(one.subject, None);
    }
}
