//! The statements of the list of clients, each of which reads about as many rows as necessary:
//!
//! - of the whole tenant, along the index of names until a page is full;
//! - of some locations, the clients whose home is there along the names of each location, and the visitors.
//!   Few visitors are read one by one; many are found often enough along the names;
//! - of a search, the matches, as long as they are few.
//!
//! Columns of a row are compared with values that are computed once per statement (`terms`).

/// Clients `c` with the requested status after the last page, whose name, address or number starts with the
/// search text, if there is one. A match by contact data must have its home at a location where the caller
/// sees contact data (`seen`; null: everywhere).
macro_rules! wanted {
    ($status:literal, $key:literal, $id:literal, $seen:literal, $start:literal, $phone:literal, $other:literal) => {
        concat!(
            "(",
            $status,
            " IS NULL OR c.status = ",
            $status,
            ") AND (c.name_key, c.id) > (",
            $key,
            ", ",
            $id,
            ")
       AND (",
            $start,
            " IS NULL
            OR (c.name_key >= (SELECT name FROM terms) AND c.name_key < (SELECT name_end FROM terms))
            OR (c.given_key >= (SELECT name FROM terms) AND c.given_key < (SELECT name_end FROM terms))
            OR ((",
            $seen,
            " IS NULL OR c.home_organization_id = ANY (",
            $seen,
            ")) AND (
                (c.email >= (SELECT email FROM terms) AND c.email < (SELECT email_end FROM terms))
                OR (c.phone >= ",
            $phone,
            " AND c.phone < ",
            $phone,
            " || chr(1114111))
                OR (c.phone >= ",
            $other,
            " AND c.phone < ",
            $other,
            " || chr(1114111)))))"
        )
    };
}

macro_rules! terms {
    ($start:literal) => {
        concat!(
            "terms AS MATERIALIZED (
         SELECT crm.fold(",
            $start,
            ") AS name, crm.fold(",
            $start,
            ") || chr(1114111) AS name_end,
                lower(",
            $start,
            ") AS email, lower(",
            $start,
            ") || chr(1114111) AS email_end)"
        )
    };
}

/// A client `c` who has been at two locations or more, when only those are requested.
macro_rules! multi {
    ($presence:literal) => {
        concat!(
            "(", $presence, " <> 'multi' OR (
           SELECT count(DISTINCT b.attended_organization_id) > 1 FROM events.bookings b
           WHERE b.tenant_id = $1 AND b.client_id = c.id AND b.status IN ('booked', 'attended', 'no_show')))"
        )
    };
}

macro_rules! wanted_at {
    () => {
        concat!(wanted!("$4", "$5", "$6", "$8", "$9", "$10", "$11"), " AND ", multi!("$3"))
    };
}

/// The page of the whole tenant.
pub const EVERYWHERE: &str = concat!(
    "WITH ",
    terms!("$8"),
    "
     SELECT c.id, c.name_key FROM crm.clients c
     WHERE c.tenant_id = $1 AND ",
    wanted!("$3", "$4", "$5", "$7", "$8", "$9", "$10"),
    " AND ",
    multi!("$2"),
    "
       AND ($2 <> 'visiting' OR EXISTS (
           SELECT FROM events.bookings b
           WHERE b.tenant_id = $1 AND b.client_id = c.id AND b.status IN ('booked', 'attended', 'no_show')
             AND b.attended_organization_id <> c.home_organization_id))
     ORDER BY c.name_key, c.id
     LIMIT $6"
);

/// The page of some locations.
pub const AT_LOCATIONS: &str = concat!(
    "WITH RECURSIVE ", terms!("$9"), ",
     walk (at, client_id) AS (
         SELECT o.at, (SELECT b.client_id FROM events.bookings b
                       WHERE b.tenant_id = $1 AND b.attended_organization_id = o.at
                         AND b.status IN ('booked', 'attended', 'no_show')
                       ORDER BY b.client_id LIMIT 1)
         FROM unnest($2) AS o (at) WHERE $3 <> 'home'
         UNION ALL
         SELECT w.at, (SELECT b.client_id FROM events.bookings b
                       WHERE b.tenant_id = $1 AND b.attended_organization_id = w.at
                         AND b.status IN ('booked', 'attended', 'no_show') AND b.client_id > w.client_id
                       ORDER BY b.client_id LIMIT 1)
         FROM walk w WHERE w.client_id IS NOT NULL),
     visitors AS MATERIALIZED (SELECT at, client_id FROM walk WHERE client_id IS NOT NULL LIMIT 2001),
     many AS MATERIALIZED (SELECT count(*) > 2000 AS are FROM visitors)
     SELECT c.id, c.name_key FROM (
         (SELECT h.id, h.name_key FROM unnest($2) AS o (at) CROSS JOIN LATERAL (
              SELECT c.id, c.name_key FROM crm.clients c
              WHERE c.tenant_id = $1 AND c.home_organization_id = o.at AND ", wanted_at!(), "
              ORDER BY c.name_key, c.id LIMIT $7) h
          WHERE $3 <> 'visiting')
         UNION
         (SELECT c.id, c.name_key FROM visitors v CROSS JOIN LATERAL (
              SELECT * FROM crm.clients c WHERE c.tenant_id = $1 AND c.id = v.client_id OFFSET 0) c
          WHERE NOT (SELECT are FROM many) AND v.at <> c.home_organization_id AND ", wanted_at!(), ")
         UNION
         (SELECT c.id, c.name_key FROM crm.clients c
          WHERE c.tenant_id = $1 AND (SELECT are FROM many) AND ", wanted_at!(), "
            AND EXISTS (SELECT FROM events.bookings b
                        WHERE b.tenant_id = $1 AND b.client_id = c.id AND b.attended_organization_id = ANY ($2)
                          AND ($3 <> 'visiting' OR b.attended_organization_id <> c.home_organization_id)
                          AND b.status IN ('booked', 'attended', 'no_show'))
          ORDER BY c.name_key, c.id LIMIT $7)) c
     ORDER BY c.name_key, c.id
     LIMIT $7"
);

/// The matches of a search; one row without a client when there are too many to sort.
pub const FOUND: &str = concat!(
    "WITH found AS MATERIALIZED (
         (SELECT id, name_key, status, home_organization_id FROM crm.clients
          WHERE tenant_id = $1 AND name_key >= crm.fold($9) AND name_key < crm.fold($9) || chr(1114111)
          LIMIT 1001)
         UNION
         (SELECT id, name_key, status, home_organization_id FROM crm.clients
          WHERE tenant_id = $1 AND given_key >= crm.fold($9) AND given_key < crm.fold($9) || chr(1114111)
          LIMIT 1001)
         UNION
         (SELECT id, name_key, status, home_organization_id FROM crm.clients
          WHERE tenant_id = $1 AND email >= lower($9) AND email < lower($9) || chr(1114111)
            AND ($8 IS NULL OR home_organization_id = ANY ($8))
          LIMIT 1001)
         UNION
         (SELECT id, name_key, status, home_organization_id FROM crm.clients
          WHERE tenant_id = $1 AND phone >= $10 AND phone < $10 || chr(1114111)
            AND ($8 IS NULL OR home_organization_id = ANY ($8))
          LIMIT 1001)
         UNION
         (SELECT id, name_key, status, home_organization_id FROM crm.clients
          WHERE tenant_id = $1 AND phone >= $11 AND phone < $11 || chr(1114111)
            AND ($8 IS NULL OR home_organization_id = ANY ($8))
          LIMIT 1001)),
     many AS MATERIALIZED (SELECT count(*) > 1000 AS are FROM found)
     (SELECT c.id, c.name_key FROM found c
      WHERE NOT (SELECT are FROM many)
        AND ($4 IS NULL OR c.status = $4) AND (c.name_key, c.id) > ($5, $6)
        AND CASE $3
            WHEN 'home' THEN $2 IS NULL OR c.home_organization_id = ANY ($2)
            WHEN 'visiting' THEN EXISTS (
                SELECT FROM events.bookings b
                WHERE b.tenant_id = $1 AND b.client_id = c.id AND b.status IN ('booked', 'attended', 'no_show')
                  AND b.attended_organization_id <> c.home_organization_id
                  AND ($2 IS NULL OR b.attended_organization_id = ANY ($2)))
            ELSE ($2 IS NULL OR c.home_organization_id = ANY ($2) OR EXISTS (
                    SELECT FROM events.bookings b
                    WHERE b.tenant_id = $1 AND b.client_id = c.id
                      AND b.status IN ('booked', 'attended', 'no_show')
                      AND b.attended_organization_id = ANY ($2)))
                AND ", multi!("$3"), "
            END
      ORDER BY c.name_key, c.id
      LIMIT $7)
     UNION ALL
     SELECT NULL, '' FROM many WHERE are"
);
