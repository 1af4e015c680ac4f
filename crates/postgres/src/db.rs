//! The pool, and the doors that open a transaction on it.

use crate::{
    AuthTx, DatabaseConfig, DatabaseConfigError, InboxTx, PlatformTx, Scoped, TenantTx,
    error::store_error,
    idempotency::{Answer, OnceKey, Remembered},
    invalidation::Invalidation,
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
use tryzore_kernel::{Clock, Problem, StoreError};
use tryzore_rbac::{Actor, Permission, Permit, PlatformPermission, PlatformPermit, SystemActor};
use uuid::Uuid;

/// The database of one service. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: Pool<AsyncPgConnection>,
    pools: Arc<Pools>,
    clock: Arc<dyn Clock>,
    pipelines: bool,
    // Rung after a commit that published something, for whoever wakes the worker.
    outbox_signal: Arc<Notify>,
    // Who is told what a commit makes stale.
    listeners: Arc<RwLock<Vec<Listener>>>,
    // The queues of the process, and the object in whose queue this handle waits.
    turns: Turns,
    queued_on: Option<Uuid>,
}

// Connections for signing in and what else goes on beside the requests, where these have their own.
const BACKGROUND: usize = 4;

type Listener = Arc<dyn Fn(Invalidation) + Send + Sync>;

impl Db {
    /// A pool for `config`; connections are made when they are needed.
    ///
    /// # Errors
    /// When `config` does not hold: its URL, its certificates, or plain text to another machine.
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

    /// This database for each of `threads` that run requests of their own, with its share of the
    /// connections. What goes on beside them keeps a few under the old handle. Shares of less than
    /// two connections are not made: then all threads have the same ones.
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

    /// This database for changes of `object`: its transactions wait for one another before they take a
    /// connection, in the order in which they came. For what many people change in the same second, such
    /// as a class whose booking has just opened. A transaction must not begin another one of the same
    /// object before it has ended.
    #[must_use]
    pub fn queued_on(&self, object: Uuid) -> Self {
        Self { queued_on: Some(object), ..self.clone() }
    }

    /// The clock that this service lives by.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Rings after each commit that published something; rings are not counted.
    #[must_use]
    pub fn outbox_signal(&self) -> &Arc<Notify> {
        &self.outbox_signal
    }

    /// Calls `forget` for what each commit of this process makes stale, before the commit's caller
    /// goes on. It must not wait.
    pub fn on_invalidation(&self, forget: impl Fn(Invalidation) + Send + Sync + 'static) {
        self.listeners.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(forget));
    }

    /// Runs `work` as one transaction in the permit's tenant: all of it or nothing. A refusal is
    /// recorded in the decision log although the rest is undone.
    ///
    /// # Errors
    /// What `work` failed with, or what the database said.
    pub async fn tenant_tx<P, T, E>(
        &self,
        permit: &Permit<P>,
        work: impl AsyncFnOnce(&mut TenantTx) -> Result<T, E>,
    ) -> Result<T, Problem>
    where
        P: Permission,
        E: Into<Problem>,
    {
        self.run(permit.tenant(), permit.actor(), work).await
    }

    /// Runs `work` as one transaction in no tenant: signing in and opening accounts, which happen
    /// before it is known who calls. It acts for the sign-in itself until
    /// [`Scoped::act_as`] says who it is.
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

    /// Runs `work` of `system` as one transaction that looks over all tenants. Row security shows
    /// the worker's role what there is to do, and every other role nothing.
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

    /// Runs `work` of an operator as one transaction over all tenants, with the rights of operators
    /// in the database and no others. Every use is in the audit trail, whatever `work` does.
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

    /// Runs `work` as one transaction that keeps what a provider sent, and can do nothing else.
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

    /// Like [`Db::tenant_tx`], and remembers the answer under `key`: a second call with the same key
    /// changes nothing and returns the first answer, whichever of two calls at once was first.
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
        // The key is not looked up beforehand: the first time, which is nearly always, it would
        // only cost a round trip. Its unique row decides at the commit.
        let mut is_allowed = false;
        let first = self
            .tenant_tx(permit, async |tx| {
                let answer = work(tx).await.map_err(Into::into)?;
                is_allowed = true;
                tx.remember(key, status, &answer)?;
                Ok::<_, Problem>(answer)
            })
            .await;
        // What is only read waits for nobody.
        let unqueued = Self { queued_on: None, ..self.clone() };
        let recall = unqueued.tenant_tx(permit, async |tx| tx.recall(key).await);
        // Work that was done again and only met its own key has checked the right again, too.
        let may = |problem: &Problem, remembered: &Remembered| {
            is_allowed || !matches!(problem.status, 403 | 404) || remembered.is_reached_by(permit)
        };
        Answer::settle(first, key, recall, may).await
    }

    /// Like [`Db::operator_tx`], and remembers the answer as [`Db::tenant_tx_once`] does.
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
        // What operators may do is not bound to locations, and was checked when the permit was given.
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
                    self.tell(&invalidation);
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

    fn tell(&self, invalidation: &[Invalidation]) {
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner).clone();
        for forget in listeners {
            invalidation.iter().copied().for_each(&*forget);
        }
    }

    // A connection that broke has seldom broken alone: the others are looked at anew.
    fn settle(&self, outcome: Result<(), StoreError>) -> Result<(), Problem> {
        outcome.map_err(|error| {
            if matches!(error, StoreError::Unavailable(_)) {
                self.pool.retain(|_, _| false);
            }
            error.into()
        })
    }
}
