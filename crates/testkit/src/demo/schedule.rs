//! The schedule of the demo: a past week with its attendance, and two weeks ahead.

use super::{Demo, DemoError};
use tryzore_kernel::TemplateId;

/// Name, category, minutes, spots, and the local hour of the start.
const CLASSES: [(&str, &str, i32, i32, i32); 5] = [
    ("Morning Flow", "yoga", 60, 20, 6),
    ("HIIT", "cardio", 45, 16, 9),
    ("Lunch Pilates", "pilates", 45, 12, 12),
    ("Strength", "weights", 60, 20, 17),
    ("Evening Yin", "yoga", 75, 18, 19),
];

impl Demo<'_> {
    pub(super) async fn schedule(&self) -> Result<(), DemoError> {
        let (tenant, now) = (self.tenant.uuid(), self.now);
        for (name, category, minutes, spots, hour) in CLASSES {
            let template = TemplateId::generate(now).uuid();
            self.sql
                .execute(
                    "INSERT INTO events.templates (tenant_id, id, kind, name, category, duration_minutes,
                         default_spots, status, created_at, updated_at)
                     VALUES ($1, $2, 'class', $3, $4, $5, $6, 'active', $7, $7)",
                    &[&tenant, &template, &name, &category, &minutes, &spots, &now],
                )
                .await?;
            // At the same local hour every day; led by the trainers of the location in turn.
            self.sql
                .execute(
                    "INSERT INTO events.events (tenant_id, id, organization_id, kind, template_id, name,
                         staff_user_id, starts_at, ends_at, spots_total, location, status, created_at, updated_at)
                     SELECT $1, gen_random_uuid(), o.id, 'class', $2, $3::text,
                            t.users[1 + (day + $5) % cardinality(t.users)],
                            s.at, s.at + make_interval(mins => $4), $6::int, 'TestTenant ' || (1 + $5 % 2),
                            CASE WHEN s.at + make_interval(mins => $4) < $7 THEN 'completed' ELSE 'scheduled' END,
                            $7, $7
                     FROM tenancy.organizations o
                     CROSS JOIN generate_series(-7, 14) AS day
                     CROSS JOIN LATERAL (
                         SELECT (($7 AT TIME ZONE o.time_zone)::date + day + make_time($5, 0, 0)) AT TIME ZONE o.time_zone
                     ) AS s (at)
                     CROSS JOIN LATERAL (
                         SELECT array_agg(a.user_id ORDER BY a.user_id) FROM rbac.assignments a
                         JOIN rbac.roles r ON r.tenant_id = $1 AND r.id = a.role_id AND r.preset = 'trainer'
                         WHERE a.tenant_id = $1 AND a.organization_id = o.id
                     ) AS t (users)
                     WHERE o.tenant_id = $1",
                    &[&tenant, &template, &name, &minutes, &hour, &spots, &now],
                )
                .await?;
        }
        self.bookings().await
    }

    // Half of the spots are booked by clients of the location in turn; one in twelve of the past ones did
    // not come.
    async fn bookings(&self) -> Result<(), DemoError> {
        let tenant = self.tenant.uuid();
        self.sql
            .execute(
                "INSERT INTO events.bookings (tenant_id, id, event_id, client_id, user_id, booking_organization_id,
                     attended_organization_id, status, status_at, is_first_timer, currency, created_at)
                 SELECT $1, gen_random_uuid(), e.id, c.id, c.user_id, c.home_organization_id, e.organization_id,
                        CASE WHEN e.status <> 'completed' THEN 'booked'
                             WHEN (c.set_status + e.set_status) % 12 = 0 THEN 'no_show' ELSE 'attended' END,
                        least(e.ends_at, $2), false, 'USD', e.starts_at - interval '2 days'
                 FROM (SELECT *, row_number() OVER (PARTITION BY organization_id ORDER BY starts_at) AS set_status
                       FROM events.events WHERE tenant_id = $1) e
                 JOIN (SELECT *, row_number() OVER (PARTITION BY home_organization_id ORDER BY email) AS set_status
                       FROM crm.clients WHERE tenant_id = $1) c
                   ON c.home_organization_id = e.organization_id AND c.email <> 'client@demo.com'
                 WHERE (c.set_status * 7 + e.set_status * 3) % 50 < e.spots_total / 2",
                &[&tenant, &self.now],
            )
            .await?;
        self.sql
            .execute(
                "UPDATE events.events e SET spots_booked = b.count
                 FROM (SELECT event_id, count(*)::int AS count FROM events.bookings
                       WHERE tenant_id = $1 AND status IN ('booked', 'attended', 'no_show') GROUP BY event_id) b
                 WHERE e.tenant_id = $1 AND e.id = b.event_id",
                &[&tenant],
            )
            .await?;
        Ok(())
    }
}
