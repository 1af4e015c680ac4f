//! The connection pool, and the functions that begin a transaction on it.

use crate::{
    Access, AuthTx, DatabaseConfig, DatabaseConfigError, InboxTx, PlatformTx, Scoped, TenantTx,
    error::store_error,
    idempotency::{Answer, OnceKey, Remembered},
    permission_use::{PermissionUse, WritePermissionUse},
    pools::Pools,
    scopes::{AllTenants, Inbound, NoTenant, Scope, begin},
    turns::{MOST_WAITING, Turns},
    tx::Tx,
};
use deadpool::managed::PoolError;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection, pooled_connection::deadpool::Pool};
use serde::Serialize;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Notify;
use tryzore_kernel::{Clock, Invalidation, Problem, StoreError, TenantId};
use tryzore_rbac::{Actor, Grants, Permission, Permit, PlatformPermission, PlatformPermit, SystemActor};
use uuid::Uuid;

/// The database of one service. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: Pool<AsyncPgConnection>,
    pools: Arc<Pools>,
    clock: Arc<dyn Clock>,
    pipelines: bool,
    // Notified after a commit that published an event or enqueued a job: wakes the worker.
    outbox_signal: Arc<Notify>,
    // Called with what a commit invalidates.
    listeners: Arc<RwLock<Vec<Listener>>>,
    // The queues of the process, and the object in whose queue the transactions of this handle wait.
    turns: Turns,
    queued_on: Option<Uuid>,
}

// Connections for sign-in and other background work, where the threads of requests have their own pools.
const BACKGROUND: usize = 4;

type Listener = Arc<dyn Fn(Invalidation) + Send + Sync>;

impl Db {
    /// Makes a pool for `config`; connections are opened when they are needed.
    ///
    /// # Errors
    /// When `config` is not valid: its URL, its certificates, or an unencrypted URL of another machine.
    pub fn connect(config: &DatabaseConfig, clock: Arc<dyn Clock>) -> Result<Self, DatabaseConfigError> {
        let pools = Pools::new(config)?;
        let pool = pools.open(pools.size)?;
        Ok(Self {
            pool,
            pools: Arc::new(pools),
            clock,
            pipelines: config.prepared_statements,
            outbox_signal: Arc::default(),
            listeners: Arc::default(),
            turns: Turns::default(),
            queued_on: None,
        })
    }

    /// A handle for each of `threads` that run requests of their own, each with its share of the
    /// connections. Background work keeps a few connections under the original handle. If a share would
    /// have fewer than two connections, all threads use the original pool.
    ///
    /// # Errors
    /// When a pool cannot be made.
    pub fn shares(&self, threads: usize) -> Result<Vec<Self>, DatabaseConfigError> {
        let shares = threads.min(self.pools.size / 2);
        if shares < 2 {
            return Ok(vec![self.clone()]);
        }
        self.pool.resize(BACKGROUND.min(self.pools.size));
        let one = |_| Ok(Self { pool: self.pools.open(self.pools.size / shares)?, ..self.clone() });
        (0..shares).map(one).collect()
    }

    /// A handle for changes of `object`: its transactions wait for one another in the order in which they
    /// came, before they take a connection. For objects that many people change in the same second, such
    /// as a class whose booking has just opened. A transaction must not begin another transaction of the
    /// same object before it has ended.
    #[must_use]
    pub fn queued_on(&self, object: Uuid) -> Self {
        Self { queued_on: Some(object), ..self.clone() }
    }

    /// The clock of this service.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Notified after each commit that published something; notifications are not counted.
    #[must_use]
    pub fn outbox_signal(&self) -> &Arc<Notify> {
        &self.outbox_signal
    }

    /// Calls `listener` with each invalidation by a commit of this process, before the commit returns to
    /// its caller. `listener` must not block.
    pub fn on_invalidation(&self, listener: impl Fn(Invalidation) + Send + Sync + 'static) {
        self.listeners.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(listener));
    }

    /// Runs `work` as one transaction in the permit's tenant. A refusal is recorded in the decision log
    /// although everything else is rolled back. The transaction of an acting session can only read.
    ///
    /// # Errors
    /// The error of `work`, or of the database.
    pub async fn tenant_tx<P, T, E>(
        &self,
        permit: &Permit<P>,
        work: impl AsyncFnOnce(&mut TenantTx) -> Result<T, E>,
    ) -> Result<T, Problem>
    where
        P: Permission,
        E: Into<Problem>,
    {
        let is_read_only = permit.is_read_only();
        let limited = async |tx: &mut TenantTx| {
            if is_read_only {
                tx.tx.prepend("SET TRANSACTION READ ONLY");
            }
            work(tx).await
        };
        self.run(permit.tenant(), permit.actor(), limited).await
    }

    /// Records in the log of `grants`' tenant what is about to be read in an acting session (AUT-16, AUT-17).
    ///
    /// # Errors
    /// When the database fails. What could not be recorded must not be read.
    pub async fn access_record(&self, grants: &Grants, access: Access) -> Result<(), Problem> {
        let Some(row) = access.row(grants, self.clock.now()) else { return Ok(()) };
        let record = async |tx: &mut TenantTx| {
            tx.tx.defer(row);
            Ok::<_, Problem>(())
        };
        self.run(grants.tenant(), grants.actor(), record).await
    }

    /// Writes on which days persons of `tenant` used permissions: a later day replaces an earlier one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn permission_use_write(
        &self,
        tenant: TenantId,
        uses: &[PermissionUse],
    ) -> Result<(), Problem> {
        let rows = WritePermissionUse::of(tenant, uses);
        let write = async |tx: &mut TenantTx| {
            tx.tx.defer(rows);
            Ok::<_, Problem>(())
        };
        self.run(tenant, Actor::System { system: SystemActor::Worker }, write).await
    }

    /// Runs `work` as one transaction in no tenant: sign-in and sign-up, which happen before the caller
    /// is known. The actor is [`SystemActor::SignIn`] until [`Scoped::act_as`] names the user.
    ///
    /// # Errors
    /// As [`Db::tenant_tx`].
    pub async fn auth_tx<T, E>(
        &self,
        work: impl AsyncFnOnce(&mut AuthTx) -> Result<T, E>,
    ) -> Result<T, Problem>
    where
        E: Into<Problem>,
    {
        self.run(NoTenant, Actor::System { system: SystemActor::SignIn }, work).await
    }

    /// Runs `work` of `system` as one transaction over all tenants. Row security shows pending work to
    /// the worker's role, and nothing to every other role.
    ///
    /// # Errors
    /// As [`Db::tenant_tx`].
    pub async fn platform_tx<T, E>(
        &self,
        system: SystemActor,
        work: impl AsyncFnOnce(&mut PlatformTx) -> Result<T, E>,
    ) -> Result<T, Problem>
    where
        E: Into<Problem>,
    {
        self.run(AllTenants::Worker, Actor::System { system }, work).await
    }

    /// Runs `work` of an operator as one transaction over all tenants, with the database privileges of
    /// operators and no others. Every use is recorded in the audit trail, whatever `work` does.
    ///
    /// # Errors
    /// As [`Db::tenant_tx`].
    pub async fn operator_tx<P, T, E>(
        &self,
        permit: &PlatformPermit<P>,
        work: impl AsyncFnOnce(&mut PlatformTx) -> Result<T, E>,
    ) -> Result<T, Problem>
    where
        P: PlatformPermission,
        E: Into<Problem>,
    {
        let noted = async |tx: &mut PlatformTx| {
            let done = work(tx).await?;
            tx.note_use::<P>();
            Ok::<_, E>(done)
        };
        self.run(AllTenants::Operator, permit.actor(), noted).await
    }

    /// Runs `work` as one transaction that stores what a provider sent, and can do nothing else.
    ///
    /// # Errors
    /// As [`Db::tenant_tx`].
    pub async fn inbox_tx<T, E>(
        &self,
        work: impl AsyncFnOnce(&mut InboxTx<'_>) -> Result<T, E>,
    ) -> Result<T, Problem>
    where
        E: Into<Problem>,
    {
        let actor = Actor::System { system: SystemActor::Webhook };
        self.run(Inbound, actor, async |scoped| work(&mut InboxTx { scoped }).await).await
    }

    /// Like [`Db::tenant_tx`], and stores the answer under `key`: a second call with the same key
    /// changes nothing and returns the first answer, also when both calls run at once.
    ///
    /// # Errors
    /// As [`Db::tenant_tx`]; 422 when the key was used for another request.
    pub async fn tenant_tx_once<P, T, E>(
        &self,
        permit: &Permit<P>,
        key: &OnceKey,
        status: u16,
        work: impl AsyncFnOnce(&mut TenantTx) -> Result<T, E>,
    ) -> Result<Answer<T>, Problem>
    where
        P: Permission,
        T: Serialize,
        E: Into<Problem>,
    {
        // The key is not looked up beforehand: nearly always this is the first request with it, and
        // the lookup would only cost a round trip. The unique key decides at the commit.
        let mut is_allowed = false;
        let first = self
            .tenant_tx(permit, async |tx| {
                let answer = work(tx).await.map_err(Into::into)?;
                is_allowed = true;
                tx.remember(key, status, &answer)?;
                Ok::<_, Problem>(answer)
            })
            .await;
        // A read does not need the queue.
        let unqueued = Self { queued_on: None, ..self.clone() };
        let recall = unqueued.tenant_tx(permit, async |tx| tx.recall(key).await);
        // If the work succeeded again and only failed on its own key, it has checked the permission again.
        let may = |problem: &Problem, remembered: &Remembered| {
            is_allowed || !matches!(problem.status, 403 | 404) || remembered.is_reached_by(permit)
        };
        Answer::settle(first, key, recall, may).await
    }

    /// Like [`Db::operator_tx`], and stores the answer as [`Db::tenant_tx_once`] does.
    ///
    /// # Errors
    /// As [`Db::operator_tx`]; 422 when the key was used for another request.
    pub async fn operator_tx_once<P, T, E>(
        &self,
        permit: &PlatformPermit<P>,
        key: &OnceKey,
        status: u16,
        work: impl AsyncFnOnce(&mut PlatformTx) -> Result<T, E>,
    ) -> Result<Answer<T>, Problem>
    where
        P: PlatformPermission,
        T: Serialize,
        E: Into<Problem>,
    {
        let operator = permit.user();
        let first = self
            .operator_tx(permit, async |tx| {
                let answer = work(tx).await.map_err(Into::into)?;
                tx.answer_keep(operator, key, status, &answer)?;
                Ok::<_, Problem>(answer)
            })
            .await;
        let recall = async |tx: &mut PlatformTx| tx.answer_find(operator, key).await;
        // The permissions of operators are not limited to locations, and were checked for the permit.
        Answer::settle(first, key, self.operator_tx(permit, recall), |_, _| true).await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut connection =
            self.pool.get().await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        connection.batch_execute("SELECT 1").await.map_err(store_error)
    }

    async fn run<S: Scope, T, E>(
        &self,
        scope: S,
        actor: Actor,
        work: impl AsyncFnOnce(&mut Scoped<S>) -> Result<T, E>,
    ) -> Result<T, Problem>
    where
        E: Into<Problem>,
    {
        let turn = match self.queued_on {
            Some(object) => Some(self.turns.take(object, self.pools.wait).await?),
            None => None,
        };
        let mut tx = self.open(scope, actor).await?;
        match work(&mut tx).await {
            Ok(answer) => {
                let (published, invalidation) = (tx.has_published(), tx.invalidations());
                self.settle(tx.commit().await)?;
                drop(turn);
                if !invalidation.is_empty() {
                    self.notify_listeners(&invalidation);
                }
                if published {
                    self.outbox_signal.notify_one();
                }
                Ok(answer)
            }
            Err(error) => {
                let recording = match turn {
                    Some(turn) => Some(turn.hand_on().await),
                    None => None,
                };
                let problem = tx.refuse(error.into()).await;
                drop(recording);
                Err(problem)
            }
        }
    }

    async fn open<S: Scope>(&self, scope: S, actor: Actor) -> Result<Scoped<S>, Problem> {
        if self.pool.status().waiting >= MOST_WAITING {
            return Err(Problem::unavailable("too many requests wait for the database; try again"));
        }
        let connection = self.pool.get().await.map_err(|error| match error {
            PoolError::Timeout(_) => Problem::unavailable("every database connection is in use; try again"),
            other => {
                tracing::error!(error = %other, "no database connection");
                Problem::unavailable("the database cannot be reached")
            }
        })?;
        let tx = Tx::new(connection, begin(scope, actor), self.pipelines);
        Ok(Scoped::new(tx, scope, actor, self.clock.now()))
    }

    fn notify_listeners(&self, invalidations: &[Invalidation]) {
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner).clone();
        for listener in listeners {
            invalidations.iter().copied().for_each(&*listener);
        }
    }

    // When one connection breaks, others often broke too: the pool is cleared so that new ones are opened.
    fn settle(&self, outcome: Result<(), StoreError>) -> Result<(), Problem> {
        outcome.map_err(|error| {
            if matches!(error, StoreError::Unavailable(_)) {
                self.pool.retain(|_, _| false);
            }
            error.into()
        })
    }
}
