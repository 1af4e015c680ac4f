//! What every sign-in leaves behind: the device, the record with its signals, and a letter about a new device.

use crate::{
    AuthEvent, AuthEventKind, KnownDevice, Session, Sessions, Signal, domain_event::SignedInOnNewDevice,
    risk::Geography,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Journal, StoreResult, network::neighbourhood_of};
use tryzore_rbac::DomainEvent;

/// Records the sign-in that begins `session`; its user is locked. The session ends no later than the user wants.
pub(crate) async fn record<T: Sessions + Journal>(
    tx: &mut T,
    session: Session,
    geography: &impl Geography,
    now: DateTime<Utc>,
) -> StoreResult<Session> {
    let (user, device) = (session.user, &session.origin.device);
    let network = session.origin.ip.map(neighbourhood_of);
    let known = match &device.id {
        Some(named) => tx.device_find_named(user, named).await?,
        None => None,
    };
    let history = tx.sign_in_history(user, network.clone(), now).await?;
    let signals: Vec<Signal> = [
        (history.is_new_device(device.id.is_some(), known.as_ref()), Signal::NewDevice),
        (history.has_many_failures(), Signal::ManyFailures),
        (history.is_impossible_travel(geography, network.as_deref(), now), Signal::ImpossibleTravel),
    ]
    .into_iter()
    .filter_map(|(is_so, signal)| is_so.then_some(signal))
    .collect();
    let seen = device.id.clone().map(|named| match known {
        Some(known) => known.seen(device, now),
        None => KnownDevice::first(user, named, device, now),
    });
    if let Some(seen) = &seen {
        tx.device_save(seen).await?;
    }
    if signals.contains(&Signal::NewDevice) {
        tx.event_publish(SignedInOnNewDevice { user, session: session.id }.published(now));
    }
    let event = AuthEvent::new(AuthEventKind::SignIn, user, now).in_session(session.id);
    tx.auth_event_append(event.on_device(seen.map(|seen| seen.id)).with_signals(signals)).await?;
    let settings = tx.security_settings_find(user).await?;
    Ok(Session { expires_at: session.expires_at.min(settings.ends_at(&session)), ..session })
}

#[cfg(test)]
mod tests;
