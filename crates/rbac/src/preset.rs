//! The roles that every tenant starts with (RBA-02).

/// How far a role reaches when it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PresetScope {
    /// Every location that the owner account owns.
    Owned,
    /// The location that it is given at.
    Organization,
    /// The location that it is given at and all below it.
    Subtree,
}

/// A role that comes with the product; a tenant can give it, not change it.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// Stable name in the database and the API.
    pub key: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// How far it reaches.
    pub scope: PresetScope,
    /// What it holds.
    pub patterns: &'static [&'static str],
}

/// All of them, most powerful first.
pub const PRESETS: &[Preset] = &[
    Preset {
        key: "enterprise_owner",
        name: "Enterprise Owner",
        description: "Everything, at all locations owned",
        scope: PresetScope::Owned,
        patterns: &["*"],
    },
    Preset {
        key: "location_owner",
        name: "Location Owner",
        description: "Everything, at one location",
        scope: PresetScope::Organization,
        patterns: &["*"],
    },
    Preset {
        key: "regional_manager",
        name: "Regional Manager",
        description: "Schedules, clients and money over a region",
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
        description: "Leads events and keeps their rosters",
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

/// What an owner account of the role `viewer` holds at the locations that it owns a part of
/// (TEN-02): it sees, and changes nothing.
pub const OWNER_VIEWER: &[&str] = &[
    "organizations.view_all_orgs",
    "organizations.view_cross_org_analytics",
    "events.view_all",
    "clients.view_basic",
    "financials.view_*",
];
