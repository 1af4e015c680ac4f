-- The permission that shows an event or a decision to others than the person concerned, at its location; null
-- shows it to nobody else. It is stored with each row, so that a reader needs no list of names.
ALTER TABLE runtime.outbox ADD COLUMN audience text;
ALTER TABLE runtime.decisions ADD COLUMN audience text;

-- What is there already is of every tenant, which the tables' owner sees only while row security is not
-- forced on it.
ALTER TABLE runtime.outbox NO FORCE ROW LEVEL SECURITY;
ALTER TABLE runtime.decisions NO FORCE ROW LEVEL SECURITY;

UPDATE runtime.outbox SET audience = 'events.view_all'
WHERE kind IN (
    'events.attendance_undone', 'events.attended', 'events.booked', 'events.booking_canceled',
    'events.called_off', 'events.completed', 'events.confirmed', 'events.edited', 'events.event_canceled',
    'events.fee_waived', 'events.no_show', 'events.promoted', 'events.reminder_due', 'events.rescheduled',
    'events.scheduled', 'events.series_edited', 'events.series_ended', 'events.series_extended',
    'events.started', 'events.template_archived', 'events.template_saved', 'events.wait_expired',
    'events.waiting', 'events.waitlist_left');
UPDATE runtime.outbox SET audience = 'clients.view_all'
WHERE kind IN (
    'crm.client_added', 'crm.client_archived', 'crm.client_edited', 'crm.client_imported',
    'crm.client_restored', 'crm.import_finished', 'crm.import_progress');
UPDATE runtime.outbox SET audience = 'settings.manage_staff'
WHERE kind IN (
    'auth.api_key_issued', 'auth.api_key_revoked', 'tenancy.employee_assigned', 'tenancy.employee_joined',
    'tenancy.employee_left', 'tenancy.invitation_due', 'tenancy.invitation_revoked',
    'tenancy.organization_closed', 'tenancy.organization_edited', 'tenancy.organization_opened',
    'tenancy.payments_failed', 'tenancy.settings_changed');

UPDATE runtime.decisions SET audience = 'events.view_all'
WHERE command IN (
    'events.book', 'events.cancel', 'events.cancel_booking', 'events.check_in', 'events.complete',
    'events.confirm', 'events.create', 'events.edit', 'events.edit_series', 'events.excuse',
    'events.no_show', 'events.promote', 'events.start', 'events.template', 'events.undo', 'events.wait',
    'events.walk_in');
UPDATE runtime.decisions SET audience = 'clients.view_all'
WHERE command IN (
    'crm.add', 'crm.edit', 'crm.edit_own', 'crm.import');
UPDATE runtime.decisions SET audience = 'settings.manage_staff'
WHERE command IN (
    'auth.api_key.issue', 'onboarding.complete', 'organizations.clone_settings', 'organizations.close',
    'organizations.create', 'organizations.edit', 'organizations.edit_settings',
    'organizations.set_up_payments', 'rbac.clear_override', 'rbac.create_role', 'rbac.delete_role',
    'rbac.edit_role', 'rbac.set_override', 'staff.accept', 'staff.assign', 'staff.dismiss', 'staff.invite',
    'staff.resend', 'staff.revoke', 'staff.unassign');

ALTER TABLE runtime.outbox FORCE ROW LEVEL SECURITY;
ALTER TABLE runtime.decisions FORCE ROW LEVEL SECURITY;
