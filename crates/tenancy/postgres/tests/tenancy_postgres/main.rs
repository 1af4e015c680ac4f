//! The ports of the tenancy crate on real Postgres.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod delegation;
mod tenancy_brand;
mod tenancy_onboarding;
mod tenancy_organizations;
mod tenancy_staff;
mod tenancy_tenants;
