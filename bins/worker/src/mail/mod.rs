//! Letters, from the event to the relay.
//!
//! A subscription enqueues a job for an event; the job writes the letter and sends it. So mail is never sent
//! before a commit or in a request, and is retried for hours while the relay is unavailable.
//!
//! A letter with a secret (a link that verifies the mailbox) is not stored: its job contains only the ids, and
//! creates the link when it sends the letter ([`account`], [`invitation`], [`onboarding`]).
//!
//! - [`support_access`]: letters to tenants whose data an operator asks to see.
//! - [`LETTERS`]: all letters. [`post`]: a letter that can wait in a job. [`guest`]: letters to clients about their bookings.
//!   [`overridden`]: letters to those who manage roles, about manual overrides.

pub mod account;
pub mod guest;
pub mod invitation;
pub mod onboarding;
pub mod overridden;
pub mod post;
pub mod support_access;

use tryzore_messaging::Catalogue;

/// All letters, by the domain that declares them.
pub const LETTERS: Catalogue = Catalogue::new(&[
    tryzore_auth::letter::LETTERS,
    tryzore_events::letter::LETTERS,
    tryzore_support::letter::LETTERS,
    tryzore_tenancy::letter::LETTERS,
]);
