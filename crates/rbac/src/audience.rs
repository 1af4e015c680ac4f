//! Who may see an event or a decision that is about somebody else.
//!
//! The person concerned always may. Everybody else needs the permission that is declared here for the
//! kind of the event or the command of the decision, at the location where it happened.
//!
//! **Invariant:** what is not declared is seen by the person concerned alone. A kind that nobody thought
//! of, or that another program publishes, is not shown to anyone by accident.

use crate::Slug;

/// Kinds of events and commands of decisions, by the permission that shows them.
pub const AUDIENCES: [(Slug, &[&str]); 3] = [
    (
        Slug::VIEW_ALL_EVENTS,
        &[
            "events.attendance_undone",
            "events.attended",
            "events.book",
            "events.booked",
            "events.booking_canceled",
            "events.called_off",
            "events.cancel",
            "events.cancel_booking",
            "events.check_in",
            "events.complete",
            "events.completed",
            "events.confirm",
            "events.confirmed",
            "events.create",
            "events.edit",
            "events.edit_series",
            "events.edited",
            "events.event_canceled",
            "events.excuse",
            "events.fee_waived",
            "events.no_show",
            "events.promote",
            "events.promoted",
            "events.reminder_due",
            "events.rescheduled",
            "events.scheduled",
            "events.series_edited",
            "events.series_ended",
            "events.series_extended",
            "events.start",
            "events.started",
            "events.template",
            "events.template_archived",
            "events.template_saved",
            "events.undo",
            "events.wait",
            "events.wait_expired",
            "events.waiting",
            "events.waitlist_left",
            "events.walk_in",
        ],
    ),
    (
        Slug::VIEW_ALL_CLIENTS,
        &[
            "crm.add",
            "crm.client_added",
            "crm.client_archived",
            "crm.client_edited",
            "crm.client_imported",
            "crm.client_restored",
            "crm.edit",
            "crm.edit_own",
            "crm.import",
            "crm.import_finished",
            "crm.import_progress",
        ],
    ),
    (
        Slug::MANAGE_STAFF,
        &[
            "auth.api_key.issue",
            "auth.api_key_issued",
            "auth.api_key_revoked",
            "onboarding.complete",
            "organizations.clone_settings",
            "organizations.close",
            "organizations.create",
            "organizations.edit",
            "organizations.edit_settings",
            "organizations.set_up_payments",
            "rbac.clear_override",
            "rbac.create_role",
            "rbac.delete_role",
            "rbac.edit_role",
            "rbac.set_override",
            "staff.accept",
            "staff.assign",
            "staff.dismiss",
            "staff.invite",
            "staff.resend",
            "staff.revoke",
            "staff.unassign",
            "tenancy.employee_assigned",
            "tenancy.employee_joined",
            "tenancy.employee_left",
            "tenancy.invitation_due",
            "tenancy.invitation_revoked",
            "tenancy.organization_closed",
            "tenancy.organization_edited",
            "tenancy.organization_opened",
            "tenancy.payments_failed",
            "tenancy.settings_changed",
        ],
    ),
];

/// The permission that shows events or decisions called `name` to people whom they do not concern; none
/// when nobody else sees them.
#[must_use]
pub fn audience(name: &str) -> Option<Slug> {
    AUDIENCES.iter().find(|(_, names)| names.binary_search(&name).is_ok()).map(|(slug, _)| *slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_declared_is_for_nobody_else() {
        assert_eq!(audience("events.booked"), Some(Slug::VIEW_ALL_EVENTS));
        assert_eq!(audience("crm.client_added"), Some(Slug::VIEW_ALL_CLIENTS));
        assert_eq!(audience("staff.invite"), Some(Slug::MANAGE_STAFF));
        for name in ["auth.signed_in", "events.unheard_of", "payroll.paid", "events", ""] {
            assert_eq!(audience(name), None, "{name}");
        }
    }

    #[test]
    fn names_are_sorted_and_declared_once() {
        let mut all: Vec<_> = AUDIENCES.iter().flat_map(|(_, names)| names.iter()).collect();
        assert!(AUDIENCES.iter().all(|(_, names)| names.is_sorted()));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
