//! Queues for objects that many callers change at once: a caller waits here without a connection.
//!
//! A transaction that changes an event locks the event's row. When a popular class opens, a thousand
//! transactions come in the same second. Each would take a connection from the pool only to wait for that
//! one lock, and all other requests would find the pool empty. So they queue by object before they take a
//! connection, and run one at a time. Correctness still depends on the lock in the database: other
//! processes have queues of their own.
//!
//! A refusal changes nothing, but recording it takes as long as a booking. While it is being recorded the
//! next caller may begin; at most [`RECORDING`] refusals of an object are recorded at a time.
//!
//! **Invariant:** at most `1 + RECORDING` transactions of this process hold a connection for one object.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tryzore_kernel::Problem;
use uuid::Uuid;

/// How many refusals of one object are recorded at a time.
const RECORDING: usize = 2;
/// How many callers may wait for one object.
pub(crate) const MOST_WAITING: usize = 2_000;

/// The queues of a process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turns(Arc<Mutex<HashMap<Uuid, Queue>>>);

#[derive(Debug, Clone)]
struct Queue {
    // The callers that wait and those that run, together.
    length: usize,
    acting: Arc<Semaphore>,
    recording: Arc<Semaphore>,
}

/// The turn of a caller at an object; ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    permit: OwnedSemaphorePermit,
    recording: Arc<Semaphore>,
    place: QueuePlace,
}

/// A slot for recording a refusal; freed when it is dropped.
#[derive(Debug)]
pub(crate) struct Recording {
    _room: Option<OwnedSemaphorePermit>,
    _place: QueuePlace,
}

// A place in the queue of an object; the queue is removed with its last place.
#[derive(Debug)]
struct QueuePlace {
    turns: Turns,
    object: Uuid,
}

impl Drop for QueuePlace {
    fn drop(&mut self) {
        let mut queues = self.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get_mut(&self.object) {
            queue.length -= 1;
            if queue.length == 0 {
                queues.remove(&self.object);
            }
        }
    }
}

impl Turns {
    /// Waits for the turn at `object`, at most for `patience`; callers get turns in the order of their calls.
    ///
    /// # Errors
    /// 503 when too many callers wait already, or the wait takes too long.
    pub(crate) async fn take(&self, object: Uuid, patience: Duration) -> Result<Turn, Problem> {
        let (queue, place) = self.line_up(object)?;
        let permit = timeout(patience, queue.acting.acquire_owned()).await.ok().and_then(Result::ok);
        let permit = permit.ok_or_else(too_many)?;
        Ok(Turn { permit, recording: queue.recording, place })
    }

    fn line_up(&self, object: Uuid) -> Result<(Queue, QueuePlace), Problem> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry(object).or_insert_with(|| Queue {
            length: 0,
            acting: Arc::new(Semaphore::new(1)),
            recording: Arc::new(Semaphore::new(RECORDING)),
        });
        if queue.length > MOST_WAITING {
            return Err(too_many());
        }
        queue.length += 1;
        Ok((queue.clone(), QueuePlace { turns: self.clone(), object }))
    }
}

fn too_many() -> Problem {
    Problem::unavailable("too many changes of the same thing at once; try again")
}

impl Turn {
    /// Ends the turn as soon as a refusal of it may be recorded alongside the next caller. Keep the
    /// returned value until the refusal has been recorded.
    pub(crate) async fn hand_on(self) -> Recording {
        let Self { permit, recording, place } = self;
        let room = recording.acquire_owned().await;
        drop(permit);
        Recording { _room: room.ok(), _place: place }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(30);
    const SHORT: Duration = Duration::from_millis(5);

    fn length(turns: &Turns, object: Uuid) -> usize {
        turns.0.lock().unwrap().get(&object).map_or(0, |queue| queue.length)
    }

    #[tokio::test]
    async fn callers_of_one_object_run_one_at_a_time_and_others_do_not_wait() {
        let (turns, [hot, other]) = (Turns::default(), [Uuid::from_u128(1), Uuid::from_u128(2)]);
        let first = turns.take(hot, LONG).await.unwrap();
        assert_eq!(turns.take(hot, SHORT).await.unwrap_err().status, 503);
        drop(turns.take(other, SHORT).await.unwrap());
        drop(first);
        drop(turns.take(hot, SHORT).await.unwrap());
        assert!(turns.0.lock().unwrap().is_empty(), "a queue is removed with its last place");
    }

    #[tokio::test]
    async fn the_length_of_a_queue_is_limited_and_a_caller_that_gives_up_leaves_it() {
        let (turns, hot) = (Turns::default(), Uuid::from_u128(1));
        let first = turns.take(hot, LONG).await.unwrap();
        let mut waiting: Vec<_> = (0..MOST_WAITING).map(|_| Box::pin(turns.take(hot, LONG))).collect();
        for one in &mut waiting {
            assert!(futures::poll!(one.as_mut()).is_pending());
        }
        assert_eq!(length(&turns, hot), MOST_WAITING + 1);
        assert_eq!(turns.take(hot, LONG).await.unwrap_err().status, 503, "one more is refused at once");
        drop(waiting.pop());
        assert!(futures::poll!(Box::pin(turns.take(hot, LONG))).is_pending(), "there is a place again");
        drop(waiting);
        drop(first);
        assert_eq!(length(&turns, hot), 0);
    }

    #[tokio::test]
    async fn the_next_caller_runs_while_a_limited_number_of_refusals_is_recorded() {
        let (turns, hot) = (Turns::default(), Uuid::from_u128(1));
        let mut recorded = Vec::new();
        for _ in 0..RECORDING {
            recorded.push(turns.take(hot, SHORT).await.unwrap().hand_on().await);
        }
        let mut held = Box::pin(turns.take(hot, SHORT).await.unwrap().hand_on());
        assert!(futures::poll!(held.as_mut()).is_pending(), "no room to record one more");
        assert_eq!(turns.take(hot, SHORT).await.unwrap_err().status, 503, "so nobody goes on");
        drop(recorded.pop());
        let held = held.await;
        drop(turns.take(hot, SHORT).await.unwrap());
        drop((held, recorded));
        assert_eq!(length(&turns, hot), 0);
    }
}
