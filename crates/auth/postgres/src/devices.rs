//! Devices of users, and the security settings.

use crate::{AuthStore, sessions::SessionRow};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use tryzore_auth::{KnownDevice, Revocation, SecurityProfiles, SecuritySettings, Session};
use tryzore_kernel::{DeviceId, StoreResult, UserId};
use tryzore_postgres::{column::corrupt, scopes::Scope};
use tryzore_schema::identity::{devices, security_settings, sessions};

const LISTED: i64 = 100;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = devices, check_for_backend(diesel::pg::Pg), treat_none_as_null = true, treat_none_as_default_value = false)]
struct DeviceRow {
    id: DeviceId,
    user_id: UserId,
    named: String,
    name: Option<String>,
    user_agent: Option<String>,
    first_seen_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    trusted_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl From<&KnownDevice> for DeviceRow {
    fn from(device: &KnownDevice) -> Self {
        let KnownDevice { id, user, named, name, user_agent, .. } = device.clone();
        let KnownDevice { first_seen_at, last_seen_at, trusted_at, revoked_at, .. } = *device;
        Self {
            id,
            user_id: user,
            named,
            name,
            user_agent,
            first_seen_at,
            last_seen_at,
            trusted_at,
            revoked_at,
        }
    }
}

impl From<DeviceRow> for KnownDevice {
    fn from(row: DeviceRow) -> Self {
        let DeviceRow { id, user_id, named, name, user_agent, first_seen_at, last_seen_at, .. } = row;
        let (trusted_at, revoked_at) = (row.trusted_at, row.revoked_at);
        Self {
            id,
            user: user_id,
            named,
            name,
            user_agent,
            first_seen_at,
            last_seen_at,
            trusted_at,
            revoked_at,
        }
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = security_settings, check_for_backend(diesel::pg::Pg))]
struct SettingsRow {
    mail_on_new_device: bool,
    session_days: i16,
    require_trusted_device: bool,
}

impl<S: Scope> SecurityProfiles for AuthStore<'_, S> {
    async fn device_find(&mut self, user: UserId, id: DeviceId) -> StoreResult<Option<KnownDevice>> {
        let one = devices::table.find(id).filter(devices::user_id.eq(user)).select(DeviceRow::as_select());
        Ok(self.tx.row::<_, DeviceRow>(one).await?.map(KnownDevice::from))
    }

    async fn device_find_named(&mut self, user: UserId, named: &str) -> StoreResult<Option<KnownDevice>> {
        let one = devices::table
            .filter(devices::user_id.eq(user))
            .filter(devices::named.eq(named.to_owned()))
            .select(DeviceRow::as_select());
        Ok(self.tx.row::<_, DeviceRow>(one).await?.map(KnownDevice::from))
    }

    async fn device_list(&mut self, user: UserId) -> StoreResult<Vec<KnownDevice>> {
        let query = devices::table
            .filter(devices::user_id.eq(user))
            .filter(devices::revoked_at.is_null())
            .order((devices::last_seen_at.desc(), devices::id.desc()))
            .limit(LISTED)
            .select(DeviceRow::as_select());
        Ok(self.tx.rows::<_, DeviceRow>(query).await?.into_iter().map(KnownDevice::from).collect())
    }

    async fn device_save(&mut self, device: &KnownDevice) -> StoreResult<()> {
        let insert = diesel::insert_into(devices::table)
            .values(DeviceRow::from(device))
            .on_conflict(devices::id)
            .do_update()
            .set(DeviceRow::from(device));
        self.tx.defer(insert);
        Ok(())
    }

    async fn device_sessions_revoke(
        &mut self,
        user: UserId,
        named: &str,
        revocation: Revocation,
    ) -> StoreResult<Vec<Session>> {
        let live = sessions::table
            .filter(sessions::user_id.eq(user))
            .filter(sessions::device_id.eq(named.to_owned()))
            .filter(sessions::revoked_at.is_null());
        let ended = diesel::update(live)
            .set((
                sessions::revoked_at.eq(revocation.at),
                sessions::revoked_because.eq(revocation.reason.as_str()),
            ))
            .returning(SessionRow::as_returning());
        self.tx.rows::<_, SessionRow>(ended).await?.into_iter().map(SessionRow::session).collect()
    }

    async fn security_settings_find(&mut self, user: UserId) -> StoreResult<SecuritySettings> {
        let one = security_settings::table.find(user).select(SettingsRow::as_select());
        let Some(row) = self.tx.row::<_, SettingsRow>(one).await? else {
            return Ok(SecuritySettings::default());
        };
        Ok(SecuritySettings {
            mail_on_new_device: row.mail_on_new_device,
            session_days: u16::try_from(row.session_days)
                .map_err(|_| corrupt("security_settings.session_days"))?,
            require_trusted_device: row.require_trusted_device,
        })
    }

    async fn security_settings_save(
        &mut self,
        user: UserId,
        settings: &SecuritySettings,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let row = || {
            let row = SettingsRow {
                mail_on_new_device: settings.mail_on_new_device,
                session_days: i16::try_from(settings.session_days).unwrap_or(i16::MAX),
                require_trusted_device: settings.require_trusted_device,
            };
            (row, security_settings::updated_at.eq(now))
        };
        let insert = diesel::insert_into(security_settings::table)
            .values((security_settings::user_id.eq(user), row()))
            .on_conflict(security_settings::user_id)
            .do_update()
            .set(row());
        self.tx.defer(insert);
        Ok(())
    }
}
