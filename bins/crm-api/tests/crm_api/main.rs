//! The CRM backend over HTTP, as staff use it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod audit;
mod caller;
mod clients;
mod clients_views;
mod consents;
mod contract_form;
mod contract_tests;
mod cursors;
mod decisions;
mod events_http;
mod gates;
mod imports;
mod office;
mod onboarding;
mod onboarding_recovery;
mod onboarding_stage;
mod organizations;
mod overrides;
mod permission_usage;
mod platform;
mod platform_operators;
mod platform_tenants;
mod roles;
mod staff;
mod support_access;
