//! The worker, from an event to the mail that a relay receives.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod closed_tenants;
mod domain_events;
mod following;
mod invitations;
mod letters;
mod onboarding;
mod overrides;
mod process;
mod relay;
mod sign_out;
mod stage;
mod support_access;
mod templates;
