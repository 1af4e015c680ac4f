//! The rules of a migrated database: isolation of tenants by row security, and keys that let the schema be
//! distributed by tenant without a rewrite.
//!
//! Every table outside the system's schemas is in the list of global tables ([`super::global`]) or is a tenant
//! table. Of a tenant table: `tenant_id` is first in the primary key, in every unique index and exclusion, and
//! on both sides of every foreign key (row security does not guard foreign keys); row security is enabled,
//! forced, and has a policy; there are no triggers, and no foreign key that sets null or a default. No login
//! owns anything, bypasses row security, or can become the owner.

use super::global::{GlobalTable, LIST};
use super::{Violation, global};

/// The column with the tenant of a row.
pub const TENANT: &str = "tenant_id";

/// The properties of a table that the rules check.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// `schema.table`.
    pub name: String,
    /// Whether it has a column `tenant_id`.
    pub tenant: bool,
    /// `ENABLE ROW LEVEL SECURITY`.
    pub row_security: bool,
    /// `FORCE ROW LEVEL SECURITY`: for the owner too.
    pub forced: bool,
    /// How many of its policies use `app.tenant_id`, the setting of the transaction.
    pub policies: i64,
    /// Names of its triggers, except those that implement foreign keys.
    pub triggers: Vec<String>,
    /// Its unique indexes and exclusions.
    pub keys: Vec<Key>,
    /// Its foreign keys.
    pub references: Vec<Reference>,
}

/// A unique index, a primary key or an exclusion.
#[derive(Debug, Clone, Default)]
pub struct Key {
    /// Name of the index.
    pub name: String,
    /// Whether it is the primary key.
    pub primary: bool,
    /// Its first column; none for an expression.
    pub first: Option<String>,
}

/// A foreign key.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    /// Name of the constraint.
    pub name: String,
    /// `schema.table` that it refers to.
    pub target: String,
    /// First of its own columns.
    pub first: String,
    /// First of the columns that it refers to.
    pub target_first: String,
    /// Whether deleting or changing what it refers to sets null or a default here.
    pub sets: bool,
}

/// A role whose name begins with `tryzore_`.
#[derive(Debug, Clone, Default)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// `SUPERUSER`.
    pub superuser: bool,
    /// `BYPASSRLS`.
    pub passes_by: bool,
    /// How many objects it owns.
    pub owns: i64,
    /// Whether it is, directly or indirectly, a member of the owner or of a superuser.
    pub becomes_owner: bool,
}

/// The catalogue of a database.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// Every table outside the system's schemas.
    pub tables: Vec<Table>,
    /// The product's roles except the owner.
    pub roles: Vec<Role>,
}

/// Checks a database against the list of global tables.
#[must_use]
pub fn check(catalogue: &Catalogue, list: &str) -> Vec<Violation> {
    let (globals, mut violations) = global::parse(list);
    for entry in &globals {
        if !catalogue.tables.iter().any(|table| table.name == entry.name) {
            violations.push(Violation::at(LIST, entry.line, format!("there is no table {}", entry.name)));
        }
    }
    if catalogue.tables.is_empty() {
        violations.push(Violation::at("database", 0, "has no tables: nothing was migrated"));
    }
    for table in &catalogue.tables {
        if !globals.iter().any(|entry| entry.name == table.name) {
            let mut say = |text: String| violations.push(Violation::at(&table.name, 0, text));
            if !table.tenant {
                say(format!("has no {TENANT}, and is not in {LIST}"));
                continue;
            }
            check_keys(table, &mut say);
            check_row_security(table, &mut say);
            check_references(table, &globals, &mut say);
        }
    }
    for role in &catalogue.roles {
        for (wrong, text) in [
            (role.superuser, "is a superuser"),
            (role.passes_by, "has BYPASSRLS"),
            (role.owns > 0, "owns objects: only the owner of migrations may"),
            (role.becomes_owner, "is a member of the owner or of a superuser, and can become it"),
        ] {
            if wrong {
                violations.push(Violation::at(format!("role {}", role.name), 0, text));
            }
        }
    }
    violations
}

fn check_keys(table: &Table, say: &mut impl FnMut(String)) {
    if !table.keys.iter().any(|key| key.primary) {
        say("has no primary key".to_owned());
    }
    for key in table.keys.iter().filter(|key| key.first.as_deref() != Some(TENANT)) {
        let kind = if key.primary { "primary key" } else { "unique index" };
        say(format!(
            "{kind} {} does not begin with {TENANT} (or is the table global? then list it in {LIST})",
            key.name
        ));
    }
}

fn check_row_security(table: &Table, say: &mut impl FnMut(String)) {
    if !table.row_security {
        say("row security is not enabled".to_owned());
    }
    if !table.forced {
        say("row security is not forced: its owner would see every tenant".to_owned());
    }
    if table.policies == 0 {
        say("row security has no policy by app.tenant_id".to_owned());
    }
    for trigger in &table.triggers {
        say(format!("trigger {trigger}: a tenant table has none, do it in the use case"));
    }
}

fn check_references(table: &Table, globals: &[GlobalTable], say: &mut impl FnMut(String)) {
    for reference in &table.references {
        let Reference { name, target, .. } = reference;
        if reference.sets {
            say(format!("foreign key {name} sets null or a default: with {TENANT} in the key it can't"));
        }
        match globals.iter().find(|entry| entry.name == *target) {
            Some(entry) if entry.reference => {}
            Some(_) => say(format!(
                "foreign key {name} refers to {target}, a global table that is no reference table"
            )),
            None if reference.first != TENANT || reference.target_first != TENANT => {
                say(format!("foreign key {name} to {target} does not begin with {TENANT} on both sides"));
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, primary: bool, first: Option<&str>) -> Key {
        Key { name: name.to_owned(), primary, first: first.map(str::to_owned) }
    }

    fn good() -> Table {
        Table {
            name: "events.bookings".to_owned(),
            tenant: true,
            row_security: true,
            forced: true,
            policies: 1,
            triggers: Vec::new(),
            keys: vec![key("bookings_pkey", true, Some(TENANT)), key("bookings_seat", false, Some(TENANT))],
            references: vec![Reference {
                name: "bookings_event".to_owned(),
                target: "events.bookings".to_owned(),
                first: TENANT.to_owned(),
                target_first: TENANT.to_owned(),
                sets: false,
            }],
        }
    }

    fn found(change: impl FnOnce(&mut Table)) -> String {
        let mut table = good();
        change(&mut table);
        let users = Table { name: "auth.users".to_owned(), ..Table::default() };
        let currencies = Table { name: "billing.currencies".to_owned(), ..Table::default() };
        let catalogue = Catalogue { tables: vec![table, users, currencies], roles: Vec::new() };
        let list = "auth.users # of no tenant\nbilling.currencies reference # few and fixed\n";
        check(&catalogue, list).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_good_table_and_listed_tables_pass() {
        assert_eq!(found(|_| ()), "");
        assert_eq!(found(|table| table.references[0].target = "billing.currencies".to_owned()), "");
    }

    #[test]
    fn every_rule_of_a_tenant_table_has_its_violation() {
        assert_eq!(found(|table| table.tenant = false).lines().count(), 1, "one thing is wrong, not ten");
        assert!(found(|table| table.tenant = false).contains("has no tenant_id, and is not in"));
        assert!(found(|table| table.row_security = false).contains("not enabled"));
        assert!(found(|table| table.forced = false).contains("not forced"));
        assert!(found(|table| table.policies = 0).contains("no policy"));
        assert!(found(|table| table.triggers.push("touch".to_owned())).contains("trigger touch"));
        assert!(found(|table| table.keys.clear()).contains("no primary key"));
        assert!(
            found(|table| table.keys[0].first = Some("id".to_owned())).contains("primary key bookings_pkey")
        );
        assert!(found(|table| table.keys[1].first = None).contains("unique index bookings_seat"));
        assert!(found(|table| table.references[0].sets = true).contains("sets null"));
        assert!(found(|table| table.references[0].first = "event_id".to_owned()).contains("on both sides"));
        assert!(found(|table| table.references[0].target_first = "id".to_owned()).contains("on both sides"));
        assert!(
            found(|table| table.references[0].target = "auth.users".to_owned())
                .contains("no reference table")
        );
    }

    #[test]
    fn roles_the_list_and_an_empty_database_are_checked() {
        let name = "tryzore_worker".to_owned();
        let role = Role { name, superuser: true, passes_by: true, owns: 1, becomes_owner: true };
        let fine = Role { name: "tryzore_api".to_owned(), ..Role::default() };
        let found = check(&Catalogue { tables: vec![good()], roles: vec![role, fine] }, "a.gone # why\n");
        assert_eq!(found.len(), 5, "{found:#?}");
        assert_eq!(found[0].to_string(), "xtask/global-tables.txt:1: there is no table a.gone");
        assert!(found[1..].iter().all(|one| one.place == "role tryzore_worker"));
        assert!(check(&Catalogue::default(), "")[0].text.contains("nothing was migrated"));
    }
}
