//! One transaction, in as few round trips as possible.
//!
//! A round trip costs more than a statement, so nothing is sent before an answer is needed. Writes are
//! deferred. A read sends all deferred statements before itself, in order and in the same round trip; the
//! first of them is BEGIN. COMMIT sends the rest. A use case that reads once and then writes costs two
//! round trips, however much it writes.
//!
//! The statements of a round trip are sent in the order of their futures (`in_order`). Each future first takes the
//! connection's statement cache, whose lock is fair, so a statement that must be prepared first delays
//! those behind it; COMMIT is a prepared statement too, so that it cannot overtake them. The exception is
//! BEGIN with every `SET LOCAL`: they are sent at once and always first.
//!
//! **Invariant:** a [`Tx`] that is dropped before it ended closes its connection: the pool never contains
//! a connection that may be inside a transaction.

use crate::{error::store_error, statement};
use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{QueryFragment, QueryId},
};
use diesel_async::{
    AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection, methods::LoadQuery,
    pooled_connection::deadpool::Object,
};
use futures::future::{BoxFuture, FutureExt, maybe_done};
use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};
use tryzore_kernel::{StoreError, StoreResult, TenantId};

type Sending<'c, T> = BoxFuture<'c, QueryResult<T>>;
type Waiting = Box<dyn for<'c> FnOnce(&'c AsyncPgConnection) -> Sending<'c, usize> + Send>;

// The most deferred statements in one round trip.
const BATCH: usize = 24;

statement! {
    struct Commit {}
    "COMMIT"
}

/// One transaction.
pub struct Tx {
    // `None` once the transaction has ended.
    connection: Option<Object<AsyncPgConnection>>,
    // The statements at the start of the next round trip.
    begin: Option<String>,
    // Whether a round trip has been sent.
    begun: bool,
    // Whether a statement has failed: the server then only accepts the end of the transaction.
    failed: bool,
    waiting: Vec<Waiting>,
    pipelines: bool,
}

impl Tx {
    /// A transaction that begins with `begin` (`BEGIN; SET LOCAL …`) when first needed. Without
    /// `pipelines` the answer to each statement is awaited before the next is sent.
    pub(crate) fn new(connection: Object<AsyncPgConnection>, begin: String, pipelines: bool) -> Self {
        Self {
            connection: Some(connection),
            begin: Some(begin),
            begun: false,
            failed: false,
            waiting: Vec::new(),
            pipelines,
        }
    }

    /// Puts `setting` (`SET LOCAL …`) at the start of the next round trip, before all deferred statements.
    pub(crate) fn prepend(&mut self, setting: &str) {
        self.begin = Some(match self.begin.take() {
            Some(begin) => format!("{begin}; {setting}"),
            None => setting.to_owned(),
        });
    }

    /// Makes the transaction read one snapshot and write nothing. To be called before its first statement.
    pub fn read_one_snapshot(&mut self) {
        self.prepend("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    }

    /// Defers a write to the next round trip, whose error includes its failure.
    pub fn defer<Q>(&mut self, query: Q)
    where
        Q: QueryFragment<Pg> + QueryId + Send + 'static,
    {
        self.waiting.push(Box::new(move |mut connection| {
            async move { RunQueryDsl::execute(query, &mut connection).await }.boxed()
        }));
    }

    /// Writes; returns the number of affected rows.
    ///
    /// # Errors
    /// When this statement or a deferred one fails.
    pub async fn execute<Q>(&mut self, query: Q) -> StoreResult<usize>
    where
        Q: QueryFragment<Pg> + QueryId + Send + 'static,
    {
        self.send(move |mut connection| {
            async move { RunQueryDsl::execute(query, &mut connection).await }.boxed()
        })
        .await
    }

    /// Reads all rows.
    ///
    /// # Errors
    /// When this statement or a deferred one fails.
    pub async fn rows<Q, U>(&mut self, query: Q) -> StoreResult<Vec<U>>
    where
        Q: for<'c> LoadQuery<'static, &'c AsyncPgConnection, U> + Send + 'static,
        U: Send + 'static,
    {
        self.send(move |mut connection| {
            async move { RunQueryDsl::load(query, &mut connection).await }.boxed()
        })
        .await
    }

    /// Reads the first row, if there is one.
    ///
    /// # Errors
    /// When this statement or a deferred one fails.
    pub async fn row<Q, U>(&mut self, query: Q) -> StoreResult<Option<U>>
    where
        Q: for<'c> LoadQuery<'static, &'c AsyncPgConnection, U> + Send + 'static,
        U: Send + 'static,
    {
        Ok(self.rows(query).await?.into_iter().next())
    }

    /// Runs `read` in `tenant`, in a transaction without a tenant, which is in none again afterwards.
    ///
    /// The tenant is set in the round trip of `read`. What was deferred before belongs to no tenant and is sent
    /// in a round trip of its own, and so is what `read` defers and does not send: a setting is always sent
    /// before everything else in its round trip.
    ///
    /// # Errors
    /// When a deferred statement fails; the error of `read`.
    pub async fn within<T>(
        &mut self,
        tenant: TenantId,
        read: impl AsyncFnOnce(&mut Self) -> StoreResult<T>,
    ) -> StoreResult<T> {
        self.flush().await?;
        self.prepend(&format!("SET LOCAL app.tenant_id = '{}'", tenant.uuid()));
        let answer = match read(self).await {
            Ok(answer) => self.flush().await.map(|()| answer),
            Err(error) => Err(error),
        };
        self.prepend("SET LOCAL app.tenant_id = ''");
        answer
    }

    // Sends the deferred statements, if there are any.
    async fn flush(&mut self) -> StoreResult<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.send(|_| async { Ok(()) }.boxed()).await
    }

    /// Commits the transaction.
    ///
    /// If a statement has failed and the use case ignored the error, this fails too: the server would
    /// answer COMMIT with a rollback and no error.
    pub(crate) async fn commit(mut self) -> StoreResult<()> {
        if self.failed {
            self.roll_back().await?;
            return Err(StoreError::Broken("a failed transaction was to be committed".into()));
        }
        if !self.begun && self.waiting.is_empty() {
            self.release();
            return Ok(());
        }
        let outcome = match self.pipelines {
            true => self
                .send(|mut connection| {
                    async move { RunQueryDsl::execute(Commit {}, &mut connection).await }.boxed()
                })
                .await
                .map(drop),
            false => {
                self.send(|mut connection| async move { connection.batch_execute("COMMIT").await }.boxed())
                    .await
            }
        };
        // A COMMIT behind a failed write ends the transaction all the same, as a rollback.
        if outcome.is_ok() || (self.pipelines && !matches!(outcome, Err(StoreError::Unavailable(_)))) {
            self.release();
        }
        outcome
    }

    /// Rolls the transaction back.
    pub(crate) async fn roll_back(mut self) -> StoreResult<()> {
        self.waiting.clear();
        self.begin = None;
        if self.begun {
            self.send(|mut connection| async move { connection.batch_execute("ROLLBACK").await }.boxed())
                .await?;
        }
        self.release();
        Ok(())
    }

    /// Rolls back and begins anew with `begin`, on the same connection.
    pub(crate) fn begin_again(&mut self, begin: &str) {
        self.waiting.clear();
        self.failed = false;
        self.begin = Some(if self.begun { format!("ROLLBACK; {begin}") } else { begin.to_owned() });
    }

    fn release(&mut self) {
        drop(self.connection.take());
    }

    // Sends the deferred statements and then `last`; returns the first failure of all of them.
    async fn send<T: Send>(
        &mut self,
        last: impl for<'c> FnOnce(&'c AsyncPgConnection) -> Sending<'c, T>,
    ) -> StoreResult<T> {
        let (begin, waiting) = (self.begin.take(), std::mem::take(&mut self.waiting));
        self.begun = true;
        let connection: &AsyncPgConnection = self
            .connection
            .as_deref()
            .ok_or_else(|| StoreError::Broken("the transaction has ended".into()))?;
        let answer = match self.pipelines {
            true => together(connection, begin, waiting, last).await,
            false => one_by_one(connection, begin, waiting, last).await,
        };
        self.failed = answer.is_err();
        answer.map_err(store_error)
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(|_| self.begun) {
            // Dropping the connection outside the pool closes it, and the server rolls back.
            drop(Object::take(connection));
        }
    }
}

async fn send_begin(mut connection: &AsyncPgConnection, begin: Option<String>) -> QueryResult<()> {
    match begin {
        Some(begin) => connection.batch_execute(&begin).await,
        None => Ok(()),
    }
}

// All statements are sent, also after a failure: the server refuses those that follow it, and `last` may
// be the end of the transaction.
async fn together<T>(
    connection: &AsyncPgConnection,
    mut begin: Option<String>,
    mut waiting: Vec<Waiting>,
    last: impl for<'c> FnOnce(&'c AsyncPgConnection) -> Sending<'c, T>,
) -> QueryResult<T> {
    let mut failed = None;
    while waiting.len() > BATCH {
        let rest = waiting.split_off(BATCH);
        let written = in_order(waiting.into_iter().map(|write| write(connection)));
        let (begun, written) = futures::join!(send_begin(connection, begin.take()), written);
        failed = failed.or(begun.err()).or(written.err());
        waiting = rest;
    }
    let written = in_order(waiting.into_iter().map(|write| write(connection)));
    let (begun, written, answer) = futures::join!(send_begin(connection, begin), written, last(connection));
    match failed.or(begun.err()).or(written.err()) {
        Some(error) => Err(error),
        None => answer,
    }
}

// Polls all of `writes`, each time in their order: a statement is sent when its future is polled first. Returns
// the first failure.
async fn in_order<'c>(writes: impl Iterator<Item = Sending<'c, usize>>) -> QueryResult<()> {
    let mut writes: Vec<_> = writes.map(maybe_done).collect();
    poll_fn(|context| {
        let pending = writes.iter_mut().map(|write| Pin::new(write).poll(context).is_pending());
        // Every one is polled: `any` would stop at the first that is pending.
        match pending.fold(false, |some, one| some | one) {
            true => Poll::Pending,
            false => Poll::Ready(()),
        }
    })
    .await;
    let done = writes.iter_mut().filter_map(|write| Pin::new(write).take_output());
    done.collect::<QueryResult<Vec<_>>>().map(drop)
}

async fn one_by_one<T>(
    connection: &AsyncPgConnection,
    begin: Option<String>,
    waiting: Vec<Waiting>,
    last: impl for<'c> FnOnce(&'c AsyncPgConnection) -> Sending<'c, T>,
) -> QueryResult<T> {
    send_begin(connection, begin).await?;
    for write in waiting {
        write(connection).await?;
    }
    last(connection).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[tokio::test]
    async fn however_many_statements_are_sent_in_their_order() {
        let sent = Mutex::new(Vec::new());
        let write = |number: usize| {
            let sent = &sent;
            async move {
                sent.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(number);
                tokio::task::yield_now().await;
                Ok(number)
            }
            .boxed()
        };
        assert_eq!(in_order((0..100).map(write)).await, Ok(()));
        assert_eq!(sent.into_inner().ok(), Some((0..100).collect()));
    }

    #[tokio::test]
    async fn the_first_failure_is_returned_and_all_are_sent() {
        let fails = |number: usize| async move {
            match number {
                0 => Ok(0),
                1 => Err(diesel::result::Error::NotFound),
                _ => Err(diesel::result::Error::RollbackTransaction),
            }
        };
        let outcome = in_order((0..3).map(|number| fails(number).boxed())).await;
        assert_eq!(outcome, Err(diesel::result::Error::NotFound));
    }
}
