//! The roles that every tenant starts with (RBA-02).

/// The locations that a role covers when it is assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PresetScope {
    /// Every location that the owner account owns.
    Owned,
    /// The location where the role is assigned.
    Organization,
    /// The location where the role is assigned and all locations below it.
    Subtree,
}

/// A role that comes with the product; a tenant can assign it, but not change it.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// The stable name in the database and in the API.
    pub key: &'static str,
    /// The display name.
    pub name: &'static str,
    /// The description.
    pub description: &'static str,
    /// The scope of the role.
    pub scope: PresetScope,
    /// The patterns of the role.
    pub patterns: &'static [&'static str],
}

/// All presets, most powerful first.
pub const PRESETS: &[Preset] = &[
    Preset {
        key: "enterprise_owner",
        name: "Enterprise Owner",
        description: "Every permission, at all owned locations",
        scope: PresetScope::Owned,
        patterns: &["*"],
    },
    Preset {
        key: "location_owner",
        name: "Location Owner",
        description: "Every permission, at one location",
        scope: PresetScope::Organization,
        patterns: &["*"],
    },
    Preset {
        key: "regional_manager",
        name: "Regional Manager",
        description: "Schedules, clients and financial data of a region",
        scope: PresetScope::Subtree,
        patterns: &[
            "organizations.view_all_orgs",
            "events.*",
            "clients.view_cross_org",
            "financials.view_consolidated",
        ],
    },
    Preset {
        key: "admin",
        name: "Admin",
        description: "Runs a location day by day",
        scope: PresetScope::Organization,
        patterns: &["events.*", "clients.*", "financials.view_*", "financials.process_refund"],
    },
    Preset {
        key: "trainer",
        name: "Trainer",
        description: "Leads events and manages their rosters",
        scope: PresetScope::Organization,
        patterns: &["events.view_own", "events.edit_own", "events.manage_attendance", "clients.view_basic"],
    },
    Preset {
        key: "front_desk",
        name: "Front Desk",
        description: "Greets, checks in and adds clients",
        scope: PresetScope::Organization,
        patterns: &["events.view_all", "events.manage_attendance", "clients.view_all", "clients.create"],
    },
];

/// The permissions of an owner account with the role `viewer` at the locations that it owns a part of
/// (TEN-02): the viewer sees data and changes nothing.
pub const OWNER_VIEWER: &[&str] = &[
    "organizations.view_all_orgs",
    "organizations.view_cross_org_analytics",
    "events.view_all",
    "clients.view_basic",
    "financials.view_*",
];
