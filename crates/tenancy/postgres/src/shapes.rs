//! The words of columns that no type of the domain has, for the contract.

#![allow(dead_code, reason = "only their schemas are used")]

use serde::Serialize;
use utoipa::ToSchema;

/// Where a location stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrganizationStatus {
    /// Something of its setup is missing.
    Incomplete,
    /// It is open.
    Active,
    /// It has closed.
    Closed,
}

/// The plan of a location.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanTier {
    /// The plan without a price.
    Free,
    /// The plan for single locations.
    Pro,
    /// The plan for chains.
    Enterprise,
}

/// Where an invitation stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationStatus {
    /// It waits for its person.
    Pending,
    /// Its time is over.
    Expired,
    /// Its person works here.
    Accepted,
    /// It was taken back.
    Revoked,
}

/// What someone is to the locations that their account owns.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OwnerRole {
    /// Owns them.
    Owner,
    /// Owns them with others.
    Partner,
    /// Sees them.
    Viewer,
}

/// How far an onboarding has come.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnboardingProgress {
    /// The account comes next, or was made.
    AccountCreated,
    /// The locations come next.
    OrganizationPending,
    /// The business is open.
    Complete,
}
