//! Who may read a calendar when.
//!
//! Reading a large calendar keeps a core busy for seconds, so a process reads few of them at once, and of
//! each tenant only one: however many calendars one tenant sends, the others wait for one of them at most.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::{
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::timeout,
};
use tryzore_kernel::{Problem, TenantId};

/// How many calendars a process reads at once.
const AT_ONCE: usize = 2;
/// How long an import waits for others that are being read.
const PATIENCE: Duration = Duration::from_secs(10);

static READING: LazyLock<Turns> = LazyLock::new(|| Turns::new(AT_ONCE));

/// Runs `work` of `tenant` off the threads that answer requests, where it may take long.
pub(super) async fn aside<T: Send + 'static>(
    tenant: TenantId,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let busy = |_| Problem::unavailable("other calendars are being read");
    let turn = timeout(PATIENCE, READING.take(tenant)).await.map_err(busy)?.map_err(Problem::internal)?;
    let work = move || {
        let _turn = turn;
        work()
    };
    spawn_blocking(work).await.map_err(|_| Problem::internal("reading the calendar was broken off"))
}

/// The turns of a process.
struct Turns {
    all: Arc<Semaphore>,
    // The tenants that read or wait.
    tenants: Mutex<HashMap<TenantId, Weak<Semaphore>>>,
}

/// A turn, which ends when it is dropped.
struct Turn {
    _of_process: OwnedSemaphorePermit,
    _of_tenant: OwnedSemaphorePermit,
}

impl Turns {
    fn new(at_once: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(at_once)), tenants: Mutex::default() }
    }

    /// Waits for a turn of `tenant`. Who waits for their own tenant does not wait for the process yet.
    async fn take(&self, tenant: TenantId) -> Result<Turn, AcquireError> {
        let of_tenant = self.tenant(tenant).acquire_owned().await?;
        let of_process = Arc::clone(&self.all).acquire_owned().await?;
        Ok(Turn { _of_process: of_process, _of_tenant: of_tenant })
    }

    fn tenant(&self, tenant: TenantId) -> Arc<Semaphore> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = tenants.get(&tenant).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::new(Semaphore::new(1));
        tenants.insert(tenant, Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use tryzore_kernel::{Clock, SystemClock};

    fn tenants() -> [TenantId; 3] {
        [(); 3].map(|()| TenantId::generate(SystemClock.now()))
    }

    #[test]
    fn a_tenant_reads_one_calendar_at_a_time_whatever_it_sends() {
        let (turns, [ours, theirs, _]) = (Turns::new(2), tenants());
        let first = turns.take(ours).now_or_never().unwrap().unwrap();
        let mut second = Box::pin(turns.take(ours));
        let mut third = Box::pin(turns.take(ours));
        assert!((&mut second).now_or_never().is_none() && (&mut third).now_or_never().is_none());
        assert!(turns.take(theirs).now_or_never().is_some(), "another tenant does not wait for them");
        drop(first);
        assert!((&mut second).now_or_never().is_some(), "the next of the tenant");
    }

    #[test]
    fn a_process_reads_two_calendars_at_a_time() {
        let (turns, [first, second, third]) = (Turns::new(AT_ONCE), tenants());
        let reading = [first, second].map(|tenant| turns.take(tenant).now_or_never().unwrap().unwrap());
        let mut waiting = Box::pin(turns.take(third));
        assert!((&mut waiting).now_or_never().is_none());
        drop(reading);
        assert!((&mut waiting).now_or_never().is_some());
    }

    #[test]
    fn a_tenant_that_neither_reads_nor_waits_is_forgotten() {
        let (turns, [first, second, _]) = (Turns::new(2), tenants());
        drop(turns.take(first).now_or_never().unwrap().unwrap());
        let _reading = turns.take(second).now_or_never().unwrap().unwrap();
        let known = turns.tenants.lock().unwrap();
        assert_eq!(known.keys().copied().collect::<Vec<_>>(), [second]);
    }
}
