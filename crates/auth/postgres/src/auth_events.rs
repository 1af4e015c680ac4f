//! What happened to accounts: appended with the origin of the request, counted and listed for their users.

use crate::AuthStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid},
};
use tryzore_auth::{
    AuthEvent, AuthEvents,
    auth_event::{EventCounts, RecordedEvent, RiskCounts, TIMELINE_ROWS},
    risk::{FAILURE_WINDOW, MANY_FAILURES, SignInHistory},
};
use tryzore_kernel::{
    AuthEventId, DeviceId, Limit, Page, SessionId, StoreResult, UserId, network::neighbourhood_of,
};
use tryzore_postgres::{
    RequestOrigin,
    column::{corrupt, count, from_text, to_text},
    scopes::Scope,
    statement,
};

statement! {
    /// One statement whether or not there is a user, so that a refused sign-in takes the same work.
    struct Append {
        id: AuthEventId => Uuid,
        user: Option<UserId> => Nullable<Uuid>,
        kind: String => Text,
        session: Option<SessionId> => Nullable<Uuid>,
        device: Option<DeviceId> => Nullable<Uuid>,
        ip_address: Option<String> => Nullable<Text>,
        network: Option<String> => Nullable<Text>,
        user_agent: Option<String> => Nullable<Text>,
        risk: String => Text,
        signals: Vec<String> => Array<Text>,
        at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO identity.auth_events
         (id, user_id, kind, session_id, device_id, ip_address, network, user_agent, risk, signals, at)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
     WHERE EXISTS (SELECT FROM identity.users u WHERE u.id = $2)"
}

statement! {
    struct ReadHistory {
        user: UserId => Uuid,
        network: Option<String> => Nullable<Text>,
        since: DateTime<Utc> => Timestamptz,
        many: i64 => BigInt,
    }
    "SELECT EXISTS (SELECT FROM identity.devices d WHERE d.user_id = $1) AS has_devices,
            EXISTS (SELECT FROM identity.auth_events e
                    WHERE e.user_id = $1 AND e.kind = 'sign_in' AND e.network = $2) AS knows_network,
            (SELECT count(*) FROM (SELECT FROM identity.auth_events e
                 WHERE e.user_id = $1 AND e.kind = 'sign_in_failed' AND e.at > $3 LIMIT $4) f) AS failures,
            l.at AS last_at, l.network AS last_network
     FROM (SELECT) one
     LEFT JOIN LATERAL (SELECT e.at, e.network FROM identity.auth_events e
         WHERE e.user_id = $1 AND e.kind = 'sign_in' ORDER BY e.at DESC LIMIT 1) l ON true"
}

statement! {
    /// Of the last 7 days, and the thefts since the password was chosen, which may be longer ago.
    struct ReadCounts {
        user: UserId => Uuid,
        day: DateTime<Utc> => Timestamptz,
        week: DateTime<Utc> => Timestamptz,
        since: Option<DateTime<Utc>> => Nullable<Timestamptz>,
    }
    "SELECT count(*) FILTER (WHERE risk = 'high' AND at > $2) AS high_24h,
            count(*) FILTER (WHERE kind = 'sign_in_failed' AND at > $2) AS failed_24h,
            count(*) FILTER (WHERE kind = 'device_revoked' AND at > $2) AS revoked_24h,
            count(*) FILTER (WHERE risk = 'high') AS high_7d,
            count(*) FILTER (WHERE kind = 'sign_in_failed') AS failed_7d,
            count(*) FILTER (WHERE kind = 'device_revoked') AS revoked_7d,
            (SELECT count(*) FROM identity.auth_events r
             WHERE r.user_id = $1 AND r.kind = 'refresh_reused' AND 'token_reuse' = ANY (r.signals)
               AND r.at > coalesce($4, '-infinity')) AS thefts
     FROM identity.auth_events WHERE user_id = $1 AND at > $3"
}

statement! {
    struct ReadTimeline {
        user: UserId => Uuid,
        day: DateTime<Utc> => Timestamptz,
        week: DateTime<Utc> => Timestamptz,
        rows: i64 => BigInt,
    }
    "(SELECT * FROM identity.auth_events WHERE user_id = $1 AND at > $2 ORDER BY id DESC LIMIT $4)
     UNION ALL
     (SELECT * FROM identity.auth_events WHERE user_id = $1 AND at <= $2 AND at > $3 ORDER BY id DESC LIMIT $4)
     UNION ALL
     (SELECT * FROM identity.auth_events WHERE user_id = $1 AND at <= $3 ORDER BY id DESC LIMIT $4)
     ORDER BY id DESC"
}

statement! {
    struct ReadPage { user: UserId => Uuid, before: uuid::Uuid => Uuid, rows: i64 => BigInt }
    "SELECT * FROM identity.auth_events WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct HistoryRow {
    #[diesel(sql_type = Bool)]
    has_devices: bool,
    #[diesel(sql_type = Bool)]
    knows_network: bool,
    #[diesel(sql_type = BigInt)]
    failures: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    last_network: Option<String>,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct CountsRow {
    #[diesel(sql_type = BigInt)]
    high_24h: i64,
    #[diesel(sql_type = BigInt)]
    failed_24h: i64,
    #[diesel(sql_type = BigInt)]
    revoked_24h: i64,
    #[diesel(sql_type = BigInt)]
    high_7d: i64,
    #[diesel(sql_type = BigInt)]
    failed_7d: i64,
    #[diesel(sql_type = BigInt)]
    revoked_7d: i64,
    #[diesel(sql_type = BigInt)]
    thefts: i64,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct EventRow {
    #[diesel(sql_type = Uuid)]
    id: AuthEventId,
    #[diesel(sql_type = Uuid)]
    user_id: UserId,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Uuid>)]
    session_id: Option<SessionId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    device_id: Option<DeviceId>,
    #[diesel(sql_type = Nullable<Text>)]
    ip_address: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    network: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    user_agent: Option<String>,
    #[diesel(sql_type = Text)]
    risk: String,
    #[diesel(sql_type = Array<Text>)]
    signals: Vec<String>,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
}

impl EventRow {
    fn recorded(self) -> StoreResult<RecordedEvent> {
        let signals = self.signals.iter().map(|text| from_text(text)).collect::<StoreResult<_>>()?;
        Ok(RecordedEvent {
            event: AuthEvent {
                id: self.id,
                user: Some(self.user_id),
                kind: from_text(&self.kind)?,
                session: self.session_id,
                device: self.device_id,
                signals,
                at: self.at,
            },
            risk: from_text(&self.risk)?,
            ip_address: self.ip_address,
            network: self.network,
            user_agent: self.user_agent,
        })
    }
}

fn all(rows: Vec<EventRow>) -> StoreResult<Vec<RecordedEvent>> {
    rows.into_iter().map(EventRow::recorded).collect()
}

fn windows(now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    (now - chrono::TimeDelta::hours(24), now - chrono::TimeDelta::days(7))
}

impl<S: Scope> AuthEvents for AuthStore<'_, S> {
    async fn auth_event_append(&mut self, event: AuthEvent) -> StoreResult<()> {
        let RequestOrigin { ip_address, user_agent } = RequestOrigin::current();
        let risk = to_text(event.risk());
        self.tx.defer(Append {
            id: event.id,
            user: event.user,
            kind: to_text(event.kind),
            session: event.session,
            device: event.device,
            ip_address: ip_address.map(|ip| ip.to_string()),
            network: ip_address.map(neighbourhood_of),
            user_agent: user_agent.map(|text| text.chars().take(255).collect()),
            risk,
            signals: event.signals.iter().map(to_text).collect(),
            at: event.at,
        });
        Ok(())
    }

    async fn sign_in_history(
        &mut self,
        user: UserId,
        network: Option<String>,
        now: DateTime<Utc>,
    ) -> StoreResult<SignInHistory> {
        let read = ReadHistory { user, network, since: now - FAILURE_WINDOW, many: MANY_FAILURES.into() };
        let row: HistoryRow = self.tx.row(read).await?.ok_or_else(|| corrupt("auth_events"))?;
        Ok(SignInHistory {
            has_signed_in: row.has_devices || row.last_at.is_some(),
            knows_network: row.knows_network,
            failures: count(row.failures),
            last: row.last_at.map(|at| (at, row.last_network)),
        })
    }

    async fn auth_event_counts(
        &mut self,
        user: UserId,
        since: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> StoreResult<EventCounts> {
        let (day, week) = windows(now);
        let row: CountsRow = self
            .tx
            .row(ReadCounts { user, day, week, since })
            .await?
            .ok_or_else(|| corrupt("auth_events"))?;
        Ok(EventCounts {
            last_24h: RiskCounts {
                high_risk: count(row.high_24h),
                failed_sign_ins: count(row.failed_24h),
                revoked_devices: count(row.revoked_24h),
            },
            last_7d: RiskCounts {
                high_risk: count(row.high_7d),
                failed_sign_ins: count(row.failed_7d),
                revoked_devices: count(row.revoked_7d),
            },
            thefts: count(row.thefts),
        })
    }

    async fn auth_event_timeline(
        &mut self,
        user: UserId,
        now: DateTime<Utc>,
    ) -> StoreResult<Vec<RecordedEvent>> {
        let (day, week) = windows(now);
        let rows = i64::try_from(TIMELINE_ROWS).unwrap_or(i64::MAX);
        all(self.tx.rows(ReadTimeline { user, day, week, rows }).await?)
    }

    async fn auth_event_page(
        &mut self,
        user: UserId,
        before: Option<AuthEventId>,
        limit: Limit,
    ) -> StoreResult<Page<RecordedEvent>> {
        let before = before.map_or(uuid::Uuid::max(), AuthEventId::uuid);
        let rows = all(self.tx.rows(ReadPage { user, before, rows: limit.fetch_limit() }).await?)?;
        Ok(Page::from_rows(rows, limit, |one| one.event.id))
    }
}
