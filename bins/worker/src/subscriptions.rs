//! The reactions to events.

use crate::{
    Services,
    mail::{
        account::{self, About},
        guest, invitation, onboarding, overridden, support_access,
    },
    sign_out,
};
use tryzore_auth::domain_event::{
    EmailVerificationRequested, FactorAdded, FactorRemoved, PasswordChanged, PasswordResetRequested,
    RecoveryCodeUsed, RefreshReused, RegisteredAgain, SessionRevoked, SignedInOnNewDevice,
    SupportAccessRequested,
};
use tryzore_events::{
    domain_event::{Booked, CalledOff, Promoted, ReminderDue},
    letter,
};
use tryzore_postgres::runtime::Subscription;
use tryzore_rbac::SystemActor::{Onboarding, Overrides, Reminder, SignIn};
use tryzore_support::{
    domain_event::{OverrideExecuted, OverrideRevertFailed, OverrideReverted},
    letter as override_letter,
};
use tryzore_tenancy::domain_event::{InvitationDue, OnboardingDetailsGiven};

/// The reactions to events.
#[must_use]
pub fn subscriptions() -> Vec<Subscription<Services>> {
    vec![
        Subscription::in_tenant::<Booked>("mail.booking_confirmed", Reminder, async |_, it, _, tx| {
            guest::write(tx, it.event, it.client, letter::BookingConfirmed).await
        }),
        Subscription::in_tenant::<Promoted>("mail.promoted", Reminder, async |_, it, _, tx| {
            guest::write(tx, it.event, it.client, letter::Promoted).await
        }),
        Subscription::in_tenant::<CalledOff>("mail.called_off", Reminder, async |_, CalledOff(it), _, tx| {
            let reason = it.reason;
            guest::write(tx, it.event, it.client, |visit| letter::CalledOff { visit, reason }).await
        }),
        Subscription::in_tenant::<ReminderDue>("mail.reminder", Reminder, async |_, it, _, tx| {
            guest::write(tx, it.event, it.client, letter::Reminder).await
        }),
        Subscription::anywhere::<EmailVerificationRequested>(
            "mail.email_verification",
            SignIn,
            async |_, it, _, tx| {
                account::enqueue(tx, it.user, About::EmailVerification);
                Ok(())
            },
        ),
        Subscription::anywhere::<RegisteredAgain>("mail.registered_again", SignIn, async |_, it, _, tx| {
            account::enqueue(tx, Some(it.user), About::RegisteredAgain);
            Ok(())
        }),
        Subscription::anywhere::<PasswordResetRequested>(
            "mail.password_reset",
            SignIn,
            async |_, it, _, tx| {
                account::enqueue(tx, it.user, About::PasswordReset);
                Ok(())
            },
        ),
        Subscription::anywhere::<PasswordChanged>("mail.password_changed", SignIn, async |_, it, _, tx| {
            account::enqueue(tx, Some(it.user), About::PasswordChanged);
            Ok(())
        }),
        Subscription::anywhere::<SignedInOnNewDevice>("mail.new_device", SignIn, async |_, it, _, tx| {
            account::enqueue(tx, Some(it.user), About::NewDevice { session: it.session });
            Ok(())
        }),
        Subscription::anywhere::<RefreshReused>("mail.session_theft", SignIn, async |_, it, _, tx| {
            // A repeated request of the same device is no occasion to frighten anybody.
            account::enqueue(tx, (!it.likely_retry).then_some(it.user), About::SessionTheft);
            Ok(())
        }),
        Subscription::anywhere::<SupportAccessRequested>(
            "mail.support_access",
            SignIn,
            async |_, it, _, tx| {
                support_access::enqueue(tx, it.tenant, it.grant);
                Ok(())
            },
        ),
        Subscription::anywhere::<FactorAdded>(
            "mail.factor_added",
            SignIn,
            async |_, FactorAdded(it), _, tx| {
                account::enqueue(tx, Some(it.user), About::FactorAdded);
                Ok(())
            },
        ),
        Subscription::anywhere::<FactorRemoved>(
            "mail.factor_removed",
            SignIn,
            async |_, FactorRemoved(it), _, tx| {
                account::enqueue(tx, Some(it.user), About::FactorRemoved);
                Ok(())
            },
        ),
        Subscription::anywhere::<RecoveryCodeUsed>(
            "mail.recovery_code_used",
            SignIn,
            async |_, it, _, tx| {
                account::enqueue(tx, Some(it.user), About::RecoveryCodeUsed { left: it.left });
                Ok(())
            },
        ),
        Subscription::anywhere::<SessionRevoked>("auth.sign_out", SignIn, async |_, it, _, tx| {
            sign_out::enqueue(tx, it);
            Ok(())
        }),
        Subscription::anywhere::<OnboardingDetailsGiven>(
            "mail.onboarding",
            Onboarding,
            async |_, it, _, tx| {
                onboarding::enqueue(tx, it.onboarding);
                Ok(())
            },
        ),
        Subscription::in_tenant::<OverrideExecuted>(
            "mail.override_executed",
            Overrides,
            async |_, OverrideExecuted(it), _, tx| {
                overridden::write(tx, &it, override_letter::OverrideExecuted).await
            },
        ),
        Subscription::in_tenant::<OverrideReverted>(
            "mail.override_reverted",
            Overrides,
            async |_, OverrideReverted(it), _, tx| {
                overridden::write(tx, &it, override_letter::OverrideReverted).await
            },
        ),
        Subscription::in_tenant::<OverrideRevertFailed>(
            "mail.override_revert_failed",
            Overrides,
            async |_, OverrideRevertFailed(it), _, tx| {
                overridden::write(tx, &it, override_letter::RevertFailed).await
            },
        ),
        Subscription::in_tenant::<InvitationDue>("mail.staff_invitation", Reminder, async |_, it, _, tx| {
            invitation::enqueue(tx, it.invitation);
            Ok(())
        }),
    ]
}
