//! The adapters on real Postgres. Tests that look at all tenants have separate databases.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod audiences;
mod audit_trail;
mod booking;
mod crm_clients;
mod crm_imports;
mod crm_list;
mod deadlock;
mod decisions;
mod delegation;
mod demo;
mod domains;
mod events_calendar;
mod events_closing;
mod events_day;
mod events_scans;
mod events_schedule;
mod events_views;
mod events_waitlist;
mod identity;
mod invalidation;
mod pooler;
mod runtime;
mod setup;
mod shares;
mod stream_resume;
#[path = "../../../crm/tests/crm/support/mod.rs"]
mod support;
mod tenancy_brand;
mod tenancy_onboarding;
mod tenancy_organizations;
mod tenancy_staff;
mod tenancy_tenants;
mod tls;
mod webhooks_queue;
