//! Bookings and fees as kinds of manual overrides.

mod search;

use crate::Events;
use chrono::{DateTime, Utc};
use futures::future::{BoxFuture, FutureExt};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tryzore_events::manual_override::{self, BookingCorrection, Corrected, Correction, FeeCorrection, Undo};
use tryzore_kernel::{StoreResult, UseCaseError};
use tryzore_postgres::{
    TenantTx,
    column::{document, json},
};
use tryzore_rbac::{Permit, Slug};
use tryzore_support::{ManualOverride, Preview, permission::ManualOverrides};
use tryzore_support_postgres::{Asked, Found, OverrideKind, Search};

/// Bookings: restored, made for a full event or at another time, or with another attendance.
#[derive(Debug, Clone, Copy)]
pub struct BookingKind;

/// Fees for not coming and for canceling late.
#[derive(Debug, Clone, Copy)]
pub struct FeeKind;

impl BookingKind {
    fn correction(asked: Asked<'_>) -> Result<Correction, UseCaseError> {
        Ok(match read(asked.change)? {
            BookingCorrection::Restore {} => Correction::Restore(target(asked)?),
            BookingCorrection::Attendance { status } => Correction::Attendance(target(asked)?, status),
            BookingCorrection::Book { client } => Correction::Book(target(asked)?, client),
        })
    }
}

impl FeeKind {
    fn correction(asked: Asked<'_>) -> Result<Correction, UseCaseError> {
        Ok(match read(asked.change)? {
            FeeCorrection::Waive {} => Correction::WaiveFee(target(asked)?),
            FeeCorrection::Restore {} => Correction::RestoreFee(target(asked)?),
        })
    }
}

fn read<T: DeserializeOwned>(change: &Value) -> Result<T, UseCaseError> {
    T::deserialize(change).map_err(|error| UseCaseError::invalid("/change", error.to_string()))
}

fn target<T: std::str::FromStr<Err = tryzore_kernel::id::IdError>>(
    asked: Asked<'_>,
) -> Result<T, UseCaseError> {
    asked.target.parse().map_err(|error: T::Err| UseCaseError::invalid("/target", error.to_string()))
}

fn shown(correction: Correction, made: &Corrected) -> Preview {
    Preview {
        organization: made.event.organization,
        target: match correction {
            Correction::Book(event, _) => event.to_string(),
            _ => made.after.id.to_string(),
        },
        subject: Some(made.after.user),
        before: made.state_before(),
        after: made.state_after(),
        effects: made.effects.clone(),
    }
}

macro_rules! override_kind {
    ($type:ty, $name:literal, $search:path) => {
        impl OverrideKind for $type {
            fn kind(&self) -> &'static str {
                $name
            }

            fn seen_with(&self) -> Slug {
                Slug::VIEW_ALL_EVENTS
            }

            fn search<'t>(
                &'t self,
                tx: &'t mut TenantTx,
                search: &'t Search,
            ) -> BoxFuture<'t, StoreResult<Vec<Found>>> {
                async move { $search(&mut tx.events(), search).await }.boxed()
            }

            fn preview<'t>(
                &'t self,
                permit: &'t Permit<ManualOverrides>,
                tx: &'t mut TenantTx,
                asked: Asked<'t>,
                now: DateTime<Utc>,
            ) -> BoxFuture<'t, Result<Preview, UseCaseError>> {
                async move {
                    let correction = Self::correction(asked)?;
                    let events = &mut tx.events();
                    let made =
                        manual_override::preview(permit, events, correction, asked.reason, now).await?;
                    Ok(shown(correction, &made))
                }
                .boxed()
            }

            fn execute<'t>(
                &'t self,
                permit: &'t Permit<ManualOverrides>,
                tx: &'t mut TenantTx,
                asked: Asked<'t>,
                now: DateTime<Utc>,
            ) -> BoxFuture<'t, Result<Value, UseCaseError>> {
                async move {
                    let correction = Self::correction(asked)?;
                    let events = &mut tx.events();
                    let undo = manual_override::apply(permit, events, correction, asked.reason, now).await?;
                    Ok(json(&undo)?)
                }
                .boxed()
            }

            fn revert<'t>(
                &'t self,
                permit: &'t Permit<ManualOverrides>,
                tx: &'t mut TenantTx,
                _: &'t ManualOverride,
                undo: &'t Value,
                now: DateTime<Utc>,
            ) -> BoxFuture<'t, Result<(), UseCaseError>> {
                async move {
                    let undo: Undo = document("manual_overrides.undo", undo.clone())?;
                    manual_override::revert(permit, &mut tx.events(), &undo, now).await?;
                    Ok(())
                }
                .boxed()
            }
        }
    };
}

override_kind!(BookingKind, "booking", search::bookings);
override_kind!(FeeKind, "fee", search::fees);
