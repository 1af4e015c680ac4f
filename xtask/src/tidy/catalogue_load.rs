//! Reads the catalogue that [`super::catalogue`] checks from a database.

use super::catalogue::{Catalogue, Key, Reference, Role, Table};
use std::collections::BTreeMap;
use tokio_postgres::Client;

/// Tables and partitions outside the system's schemas, except those of extensions.
const TABLES: &str = "
    SELECT c.oid, n.nspname || '.' || c.relname, c.relrowsecurity, c.relforcerowsecurity,
           (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid
                AND pg_get_expr(p.polqual, p.polrelid) LIKE '%app.tenant_id%'),
           ARRAY(SELECT t.tgname::text FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal ORDER BY 1),
           EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'
                                                  AND NOT a.attisdropped)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
       AND c.relname <> '__diesel_schema_migrations'
       AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass
                                                   AND d.deptype = 'e')
     ORDER BY 2";

/// The first column of an expression index is 0 and joins nothing.
const KEYS: &str = "
    SELECT i.indrelid, k.relname::text, i.indisprimary, a.attname::text
      FROM pg_index i JOIN pg_class k ON k.oid = i.indexrelid
      LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] AND a.attnum > 0
     WHERE i.indisunique OR i.indisexclusion
     ORDER BY 2";

/// `confdeltype` and `confupdtype`: n sets null, d a default. A partition's copy has a parent, and is left out.
const REFERENCES: &str = "
    SELECT f.conrelid, f.conname::text, n.nspname || '.' || t.relname, a.attname::text, b.attname::text,
           f.confdeltype IN ('n', 'd') OR f.confupdtype IN ('n', 'd')
      FROM pg_constraint f
      JOIN pg_class t ON t.oid = f.confrelid JOIN pg_namespace n ON n.oid = t.relnamespace
      JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]
      JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = f.confkey[1]
     WHERE f.contype = 'f' AND f.conparentid = 0
     ORDER BY 2";

/// Ownership is a dependency of an object, of this database or of the whole server, on a role. The owner is
/// whoever owns the database: it is `tryzore_owner` in a private cluster.
const ROLES: &str = "
    SELECT r.rolname::text, r.rolsuper, r.rolbypassrls,
           (SELECT count(*) FROM pg_shdepend s WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid
                                                 AND s.deptype = 'o'),
           EXISTS (SELECT 1 FROM pg_roles o WHERE (o.oid = d.datdba OR o.rolname = 'tryzore_owner' OR o.rolsuper)
                                              AND o.oid <> r.oid AND NOT r.rolsuper
                                              AND pg_has_role(r.oid, o.oid, 'MEMBER'))
      FROM pg_roles r, pg_database d
     WHERE d.datname = current_database() AND r.rolname LIKE 'tryzore\\_%'
       AND r.rolname <> 'tryzore_owner' AND r.oid <> d.datdba
     ORDER BY 1";

/// Reads the catalogue of the database that `client` is connected to.
pub async fn load(client: &Client) -> Result<Catalogue, tokio_postgres::Error> {
    let mut tables: BTreeMap<u32, Table> = BTreeMap::new();
    for row in client.query(TABLES, &[]).await? {
        let table = Table {
            name: row.get(1),
            row_security: row.get(2),
            forced: row.get(3),
            policies: row.get(4),
            triggers: row.get(5),
            tenant: row.get(6),
            ..Table::default()
        };
        tables.insert(row.get(0), table);
    }
    for row in client.query(KEYS, &[]).await? {
        if let Some(table) = tables.get_mut(&row.get(0)) {
            table.keys.push(Key { name: row.get(1), primary: row.get(2), first: row.get(3) });
        }
    }
    for row in client.query(REFERENCES, &[]).await? {
        if let Some(table) = tables.get_mut(&row.get(0)) {
            table.references.push(Reference {
                name: row.get(1),
                target: row.get(2),
                first: row.get(3),
                target_first: row.get(4),
                sets: row.get(5),
            });
        }
    }
    let mut tables: Vec<Table> = tables.into_values().collect();
    tables.sort_by(|one, other| one.name.cmp(&other.name));
    let rows = client.query(ROLES, &[]).await?;
    let roles = rows.iter().map(|row| Role {
        name: row.get(0),
        superuser: row.get(1),
        passes_by: row.get(2),
        owns: row.get(3),
        becomes_owner: row.get(4),
    });
    Ok(Catalogue { tables, roles: roles.collect() })
}
