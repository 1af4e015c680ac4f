//! The catalogue of all permissions.
//!
//! There are two kinds of names. A role holds a *slug* (`events.edit_own`). An operation requires a
//! *permission type* ([`EditEvent`]): one slug that allows the operation in full and, for some operations,
//! a second slug that allows it within limits (only one's own events, only basic data).
//!
//! The slugs of the organization catalogue are exactly those of RBA-01. The `own.*` slugs are for actions
//! on one's own behalf; they come with being a user or a client, never with a role.

use crate::pattern::Entry;
use std::fmt;
use tryzore_kernel::Audience;

macro_rules! slugs {
    ($($name:ident = $text:literal, $description:literal;)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "an index, named like the constants below")]
        #[repr(u8)]
        enum Index { $($name),* }

        impl Slug {
            $(#[doc = $description] pub const $name: Self = Self(Index::$name as u8);)*

            /// Every slug, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            const TEXT: &'static [(&'static str, &'static str)] = &[$(($text, $description)),*];
        }
    };
}

/// One entry of the catalogue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(u8);

slugs! {
    VIEW_ALL_ORGS = "organizations.view_all_orgs", "See every location";
    CREATE_ORG = "organizations.create_org", "Open a location";
    EDIT_ORG = "organizations.edit_org", "Change a location";
    DELETE_ORG = "organizations.delete_org", "Close a location";
    VIEW_CROSS_ORG_ANALYTICS = "organizations.view_cross_org_analytics", "Compare locations";
    VIEW_ALL_EVENTS = "events.view_all", "See the whole schedule and every roster";
    VIEW_OWN_EVENTS = "events.view_own", "See the events that one leads and their rosters";
    CREATE_EVENT = "events.create", "Put events on the schedule";
    EDIT_ALL_EVENTS = "events.edit_all", "Change any event";
    EDIT_OWN_EVENTS = "events.edit_own", "Change the events that one leads";
    CANCEL_EVENT = "events.cancel", "Cancel an event for everyone";
    MANAGE_ATTENDANCE = "events.manage_attendance", "Check in, mark no-shows, manage the waitlist";
    VIEW_ALL_CLIENTS = "clients.view_all", "See clients with their contact data";
    VIEW_BASIC_CLIENTS = "clients.view_basic", "See names of clients";
    CREATE_CLIENT = "clients.create", "Add and import clients";
    EDIT_CLIENT = "clients.edit", "Change and archive clients";
    ADD_NOTE = "clients.add_note", "Write notes about clients";
    GRANT_ACCESS = "clients.grant_access", "Override access controls";
    VIEW_CROSS_ORG_CLIENTS = "clients.view_cross_org", "See clients of every location and where they go";
    VIEW_REVENUE = "financials.view_revenue", "See revenue";
    VIEW_TRANSACTIONS = "financials.view_transactions", "See transactions";
    PROCESS_REFUND = "financials.process_refund", "Refund payments";
    MANAGE_BILLING = "financials.manage_billing", "Change how payments are taken";
    VIEW_CONSOLIDATED = "financials.view_consolidated", "See the financial data of all locations";
    EDIT_GYM = "settings.edit_gym", "Change settings and hours";
    MANAGE_STAFF = "settings.manage_staff", "Invite, assign and remove staff";
    MANAGE_ROLES = "settings.manage_roles", "Change roles and overrides";
    MANAGE_FRANCHISE = "settings.manage_franchise", "Change settings of all locations";
    IMPERSONATE = "support.impersonate", "See the product as someone else does";
    MANUAL_OVERRIDE = "support.manual_override", "Override a decision, with a reason";
    OWN_SCHEDULE = "own.view_schedule", "See the schedule as a client";
    OWN_BOOK = "own.book", "Book, wait and cancel for oneself";
    OWN_PROFILE = "own.profile", "See and change one's own data and location";
    OWN_SECURITY = "own.security", "See and end one's own sessions, and change how one signs in";
}

impl Slug {
    /// The text of the slug, such as `events.edit_own`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        Self::TEXT[self.0 as usize].0
    }

    /// A short description of what the slug allows.
    #[must_use]
    pub const fn description(self) -> &'static str {
        Self::TEXT[self.0 as usize].1
    }

    /// Those who hold the slug, as the audience of an event or a decision.
    #[must_use]
    pub const fn audience(self) -> Audience {
        Audience::holders_of(self.as_str())
    }

    /// The position in the catalogue; below 64, so that a set fits into one machine word.
    #[must_use]
    pub const fn index(self) -> u8 {
        self.0
    }

    /// Whether a role can hold the slug; `own.*` comes with being a user or a client.
    #[must_use]
    pub fn is_assignable(self) -> bool {
        !self.as_str().starts_with("own.")
    }

    /// Whether only a person may hold the slug, never a service's key: whoever administers staff, roles,
    /// overrides and keys, or acts as somebody else, must be a person who can be dismissed, and whoever overrides
    /// a decision confirms it with a second factor (SUP-09), which a key has not.
    #[must_use]
    pub const fn is_for_persons(self) -> bool {
        matches!(self, Self::MANAGE_STAFF | Self::MANAGE_ROLES | Self::IMPERSONATE | Self::MANUAL_OVERRIDE)
    }

    /// Finds the slug with the text `text`.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|slug| slug.as_str() == text)
    }
}

impl Entry for Slug {
    const CATALOGUE: &'static [Self] = Self::ALL;

    fn text(self) -> &'static str {
        self.as_str()
    }

    fn is_assignable(self) -> bool {
        Self::is_assignable(self)
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The permission that an operation requires.
pub trait Permission: Send + Sync + 'static {
    /// Holding this slug allows the operation in full.
    const FULL: Slug;
    /// Holding only this slug allows the operation within limits that the use case checks.
    const LIMITED: Option<Slug> = None;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $full:ident $(or $limited:ident)?;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
        impl Permission for $name {
            const FULL: Slug = Slug::$full;
            $(const LIMITED: Option<Slug> = Some(Slug::$limited);)?
        }
    )*};
}

permissions! {
    /// See locations: all of them, or those where one works.
    ViewOrganizations = VIEW_ALL_ORGS or OWN_PROFILE;
    /// Open a location.
    CreateOrganization = CREATE_ORG;
    /// Change a location.
    EditOrganization = EDIT_ORG;
    /// Close a location.
    DeleteOrganization = DELETE_ORG;
    /// Compare locations.
    ViewAnalytics = VIEW_CROSS_ORG_ANALYTICS;
    /// Change settings and hours.
    EditSettings = EDIT_GYM;
    /// Invite, assign and remove staff.
    ManageStaff = MANAGE_STAFF;
    /// Change roles and overrides, and explain permissions.
    ManageRoles = MANAGE_ROLES;
    /// Read the audit trail: those who manage roles can look up what other people did.
    ViewAudit = MANAGE_ROLES;
    /// See roles and the catalogue: those who manage roles, and those who assign roles when they invite
    /// staff.
    ViewRoles = MANAGE_ROLES or MANAGE_STAFF;
    /// See the schedule with its rosters: all events, or those that one leads.
    ViewEvents = VIEW_ALL_EVENTS or VIEW_OWN_EVENTS;
    /// Put events on the schedule.
    CreateEvent = CREATE_EVENT;
    /// Change events: any, or those that one leads.
    EditEvent = EDIT_ALL_EVENTS or EDIT_OWN_EVENTS;
    /// Cancel an event for everyone.
    CancelEvent = CANCEL_EVENT;
    /// Check in, mark no-shows, complete, manage the waitlist.
    ManageAttendance = MANAGE_ATTENDANCE;
    /// See clients: with their contact data, or names only.
    ViewClients = VIEW_ALL_CLIENTS or VIEW_BASIC_CLIENTS;
    /// See where a client goes.
    ViewClientsAcross = VIEW_CROSS_ORG_CLIENTS;
    /// Add and import clients.
    CreateClient = CREATE_CLIENT;
    /// Change and archive clients.
    EditClient = EDIT_CLIENT;
    /// See the schedule as a client.
    BrowseSchedule = OWN_SCHEDULE;
    /// Book, wait and cancel for oneself.
    BookEvent = OWN_BOOK;
    /// See and change one's own data and location.
    OwnProfile = OWN_PROFILE;
    /// See and end one's own sessions, and change how one signs in. Nobody has it in an acting session.
    OwnSecurity = OWN_SECURITY;
    /// See the product as somebody else does.
    Impersonate = IMPERSONATE;
    /// Set a rule aside by hand, for a reason.
    ManualOverrides = MANUAL_OVERRIDE;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rba_01_the_slugs_are_those_of_the_requirements() {
        let source = [
            ("organizations", "view_all_orgs create_org edit_org delete_org view_cross_org_analytics"),
            ("events", "view_all view_own create edit_all edit_own cancel manage_attendance"),
            ("clients", "view_all view_basic create edit add_note grant_access view_cross_org"),
            ("financials", "view_revenue view_transactions process_refund manage_billing view_consolidated"),
            ("settings", "edit_gym manage_staff manage_roles manage_franchise"),
            ("support", "impersonate manual_override"),
        ];
        let mut source: Vec<String> = source
            .iter()
            .flat_map(|(resource, verbs)| verbs.split(' ').map(move |verb| format!("{resource}.{verb}")))
            .collect();
        let assignable = Slug::ALL.iter().filter(|slug| slug.is_assignable());
        let mut ours: Vec<String> = assignable.map(ToString::to_string).collect();
        source.sort_unstable();
        ours.sort_unstable();
        assert_eq!(ours, source);
    }
}
