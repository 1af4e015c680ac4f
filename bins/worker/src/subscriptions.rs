//! The reactions to events.

use crate::{
    Services,
    mail::{
        account::{self, About},
        guest, invitation, onboarding,
    },
    sign_out,
};
use futures::FutureExt;
use tryzore_messaging::Letter;
use tryzore_postgres::runtime::{Follow, Subscription};
use tryzore_rbac::SystemActor;

// A letter to the client whom an event of the events crate concerns.
macro_rules! guest_mail {
    ($name:literal, $kind:literal, $letter:expr) => {
        Subscription {
            name: $name,
            kinds: &[$kind],
            actor: SystemActor::Reminder,
            follow: Follow::InTenant(|_, message, tx| guest::write(message, tx, $letter).boxed_local()),
        }
    };
}

// A letter about the account that an event of the auth crate names.
macro_rules! account_mail {
    ($name:literal, $kind:literal, $about:ident) => {
        Subscription {
            name: $name,
            kinds: &[$kind],
            actor: SystemActor::SignIn,
            follow: Follow::Anywhere(|_, message, tx| {
                account::enqueue(message, tx, About::$about).boxed_local()
            }),
        }
    };
}

/// The reactions to events.
pub const SUBSCRIPTIONS: &[Subscription<Services>] = &[
    guest_mail!("mail.booking_confirmed", "events.booked", |visit, _| Letter::BookingConfirmed(visit)),
    guest_mail!("mail.promoted", "events.promoted", |visit, _| Letter::Promoted(visit)),
    guest_mail!("mail.called_off", "events.called_off", |visit, reason| Letter::CalledOff { visit, reason }),
    guest_mail!("mail.reminder", "events.reminder_due", |visit, _| Letter::Reminder(visit)),
    account_mail!("mail.email_verification", "auth.email_verification_requested", EmailVerification),
    account_mail!("mail.registered_again", "auth.registered_again", RegisteredAgain),
    account_mail!("mail.password_reset", "auth.password_reset_requested", PasswordReset),
    account_mail!("mail.password_changed", "auth.password_changed", PasswordChanged),
    Subscription {
        name: "auth.sign_out",
        kinds: &["auth.session_revoked"],
        actor: SystemActor::SignIn,
        follow: Follow::Anywhere(|_, message, tx| sign_out::enqueue(message, tx).boxed_local()),
    },
    Subscription {
        name: "mail.onboarding",
        kinds: &["tenancy.onboarding_details_given"],
        actor: SystemActor::Onboarding,
        follow: Follow::Anywhere(|_, message, tx| onboarding::enqueue(message, tx).boxed_local()),
    },
    Subscription {
        name: "mail.staff_invitation",
        kinds: &["tenancy.invitation_due"],
        actor: SystemActor::Reminder,
        follow: Follow::InTenant(|_, message, tx| invitation::enqueue(message, tx).boxed_local()),
    },
];
