//! What wakes the streams of this process.
//!
//! One connection of the process listens; what it hears is fanned out here to all streams. Each
//! wakes, sees in memory whether it is concerned, and sleeps on if not: a thousand open streams ask
//! the database nothing when something happens in another tenant. Beside news there is doubt: a
//! session may have ended, so whoever streams asks who it is again. And there is an end: a service that
//! stops waits for what is under way, and a stream would be for as long as it may.
//!
//! **Invariant:** whatever is told while a sleeper is awake wakes it as soon as it sleeps again.

use crate::open_streams::OpenStreams;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout_at},
};
use tryzore_kernel::TenantId;
use tryzore_postgres::stream::News;

/// Wakes the streams of this process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct StreamSignals {
    state: watch::Sender<State>,
    /// How many streams there are.
    pub(crate) open: OpenStreams,
}

#[derive(Debug, Clone)]
struct State {
    // How often there was news, and of which kind the last were.
    count: u64,
    news: News,
    rechecks: u64,
    has_ended: bool,
}

impl Default for StreamSignals {
    fn default() -> Self {
        let state = State { count: 0, news: News::Anywhere, rechecks: 0, has_ended: false };
        Self { state: watch::Sender::new(state), open: OpenStreams::default() }
    }
}

impl StreamSignals {
    /// There is something new.
    pub fn tell(&self, news: News) {
        self.state.send_modify(|state| {
            state.count += 1;
            state.news = news;
        });
    }

    /// Someone may no longer be who they were.
    pub fn recheck(&self) {
        self.state.send_modify(|state| state.rechecks += 1);
    }

    /// All streams are to end, those that are yet to begin as well.
    pub fn end(&self) {
        self.state.send_modify(|state| state.has_ended = true);
    }

    /// Someone who is woken by what is told from now on, in `tenant`.
    pub(crate) fn subscriber(&self, tenant: TenantId) -> Subscriber {
        let state = self.state.subscribe();
        let (count, rechecks) = {
            let seen = state.borrow();
            (seen.count, seen.rechecks)
        };
        Subscriber { state, tenant, count, rechecks }
    }
}

/// Why a sleeper woke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// There may be something new in its tenant.
    News,
    /// Someone's session may have ended.
    Recheck,
    /// It was time.
    Clock,
    /// There is nothing to wait for any more.
    End,
}

/// Someone who sleeps until something concerns them.
pub(crate) struct Subscriber {
    state: watch::Receiver<State>,
    tenant: TenantId,
    count: u64,
    rechecks: u64,
}

impl Subscriber {
    /// Sleeps until something concerns its tenant, but no longer than `until`.
    pub(crate) async fn sleep(&mut self, until: Instant) -> Signal {
        loop {
            if self.state.borrow().has_ended {
                return Signal::End;
            }
            match timeout_at(until, self.state.changed()).await {
                Ok(Ok(())) => {}
                // Nobody is left who could wake it.
                Ok(Err(_)) => {
                    sleep_until(until).await;
                    return Signal::Clock;
                }
                Err(_) => return Signal::Clock,
            }
            let state = self.state.borrow_and_update();
            let (new, rechecks) = (state.count - self.count, state.rechecks - self.rechecks);
            // Of several only the last can be seen.
            let is_concerned = new > 1 || (new == 1 && state.news.is_in(self.tenant));
            (self.count, self.rechecks) = (state.count, state.rechecks);
            if is_concerned {
                return Signal::News;
            }
            if rechecks > 0 {
                return Signal::Recheck;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use std::time::Duration;

    fn tenant() -> TenantId {
        TenantId::generate(DateTime::UNIX_EPOCH)
    }

    // A wake-up that was told before is there at once, so a moment is enough.
    async fn signaled(subscriber: &mut Subscriber) -> Signal {
        subscriber.sleep(Instant::now() + Duration::from_millis(5)).await
    }

    #[tokio::test]
    async fn who_sleeps_is_woken_by_its_own_news_alone() {
        let (signals, ours) = (StreamSignals::default(), tenant());
        let mut subscriber = signals.subscriber(ours);
        assert_eq!(signaled(&mut subscriber).await, Signal::Clock);
        signals.tell(News::In(vec![tenant()]));
        assert_eq!(signaled(&mut subscriber).await, Signal::Clock, "another tenant's");
        signals.tell(News::In(vec![tenant(), ours]));
        assert_eq!(signaled(&mut subscriber).await, Signal::News);
        signals.tell(News::Anywhere);
        assert_eq!(signaled(&mut subscriber).await, Signal::News);
        assert_eq!(signaled(&mut subscriber).await, Signal::Clock, "once each");
    }

    #[tokio::test]
    async fn what_was_overwritten_is_not_lost() {
        let (signals, ours) = (StreamSignals::default(), tenant());
        let mut subscriber = signals.subscriber(ours);
        signals.tell(News::In(vec![ours]));
        signals.tell(News::In(vec![tenant()]));
        assert_eq!(signaled(&mut subscriber).await, Signal::News);
        signals.tell(News::In(vec![tenant()]));
        signals.recheck();
        assert_eq!(signaled(&mut subscriber).await, Signal::Recheck);
        signals.recheck();
        signals.tell(News::In(vec![ours]));
        assert_eq!(signaled(&mut subscriber).await, Signal::News, "who reads asks who it is anyway");
        assert_eq!(signaled(&mut subscriber).await, Signal::Clock);
    }

    #[tokio::test]
    async fn who_sleeps_is_woken_by_the_end_and_so_is_who_comes_after_it() {
        let signals = StreamSignals::default();
        let subscriber = signals.subscriber(tenant());
        signals.tell(News::In(vec![tenant()]));
        signals.end();
        for mut subscriber in [subscriber, signals.subscriber(tenant())] {
            assert_eq!(signaled(&mut subscriber).await, Signal::End);
            assert_eq!(signaled(&mut subscriber).await, Signal::End, "for good");
        }
    }

    #[tokio::test]
    async fn without_anyone_to_wake_it_there_is_the_clock() {
        let mut subscriber = StreamSignals::default().subscriber(tenant());
        let until = Instant::now() + Duration::from_millis(5);
        assert_eq!(subscriber.sleep(until).await, Signal::Clock);
        assert!(Instant::now() >= until);
    }
}
