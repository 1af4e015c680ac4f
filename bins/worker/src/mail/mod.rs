//! Letters, from the event to the relay.
//!
//! An event enqueues a job in the transaction that follows it; the job writes the letter and hands
//! it over. So mail never leaves before a commit, never in a request, and is tried again for hours
//! when the relay is away.
//!
//! A letter with a secret in it (a link that proves the mailbox) is not kept anywhere: its job
//! holds only what it is about, and mints the link when it sends ([`account`], [`invitation`],
//! [`onboarding`]).
//!
//! - [`post`]: a letter that can wait in a job. [`guest`]: letters to clients about their bookings.

pub mod account;
pub mod guest;
pub mod invitation;
pub mod onboarding;
pub mod post;
