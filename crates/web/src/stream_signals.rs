//! Wakes the event streams of this process.
//!
//! One connection of the process listens; its notifications are passed on here to all streams. Each stream
//! checks in memory whether its tenant is concerned: a thousand open streams send no query when something
//! happens in another tenant. Streams also wake when a session may have ended, to check their own session,
//! and when the service stops, which would otherwise wait for them.
//!
//! **Invariant:** a signal that is sent while a subscriber is not waiting wakes it at its next wait.

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
    /// The open streams.
    pub(crate) open: OpenStreams,
}

#[derive(Debug, Clone)]
struct State {
    // The number of notifications so far, and the last one.
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
    /// Wakes the streams whose tenant has news.
    pub fn send(&self, news: News) {
        self.state.send_modify(|state| {
            state.count += 1;
            state.news = news;
        });
    }

    /// Makes all streams check their sessions again.
    pub fn recheck(&self) {
        self.state.send_modify(|state| state.rechecks += 1);
    }

    /// Ends all streams, including those that begin later.
    pub fn end(&self) {
        self.state.send_modify(|state| state.has_ended = true);
    }

    /// Subscribes a stream of `tenant` to the signals from now on.
    pub(crate) fn subscriber(&self, tenant: TenantId) -> Subscriber {
        let state = self.state.subscribe();
        let (count, rechecks) = {
            let seen = state.borrow();
            (seen.count, seen.rechecks)
        };
        Subscriber { state, tenant, count, rechecks }
    }
}

/// Why a stream was woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// The tenant may have new events.
    News,
    /// The session may have ended.
    Recheck,
    /// The time has come.
    Clock,
    /// The service stops.
    End,
}

/// The subscription of one stream.
pub(crate) struct Subscriber {
    state: watch::Receiver<State>,
    tenant: TenantId,
    count: u64,
    rechecks: u64,
}

impl Subscriber {
    /// Waits for a signal that concerns this stream, but no longer than `until`.
    pub(crate) async fn wait(&mut self, until: Instant) -> Signal {
        loop {
            if self.state.borrow().has_ended {
                return Signal::End;
            }
            match timeout_at(until, self.state.changed()).await {
                Ok(Ok(())) => {}
                // No signal can come any more.
                Ok(Err(_)) => {
                    sleep_until(until).await;
                    return Signal::Clock;
                }
                Err(_) => return Signal::Clock,
            }
            let state = self.state.borrow_and_update();
            let (new, rechecks) = (state.count - self.count, state.rechecks - self.rechecks);
            // Of several notifications only the last is visible.
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

    // A signal that was sent before is received at once, so a short wait is enough.
    async fn signaled(subscriber: &mut Subscriber) -> Signal {
        subscriber.wait(Instant::now() + Duration::from_millis(5)).await
    }

    #[tokio::test]
    async fn a_stream_is_woken_by_news_of_its_own_tenant_only() {
        let (signals, ours) = (StreamSignals::default(), tenant());
        let mut subscriber = signals.subscriber(ours);
        assert_eq!(signaled(&mut subscriber).await, Signal::Clock);
        signals.send(News::In(vec![tenant()]));
        assert_eq!(signaled(&mut subscriber).await, Signal::Clock, "news of another tenant");
        signals.send(News::In(vec![tenant(), ours]));
        assert_eq!(signaled(&mut subscriber).await, Signal::News);
        signals.send(News::Anywhere);
        assert_eq!(signaled(&mut subscriber).await, Signal::News);
        assert_eq!(signaled(&mut subscriber).await, Signal::Clock, "once each");
    }

    #[tokio::test]
    async fn an_overwritten_notification_is_not_lost() {
        let (signals, ours) = (StreamSignals::default(), tenant());
        let mut subscriber = signals.subscriber(ours);
        signals.send(News::In(vec![ours]));
        signals.send(News::In(vec![tenant()]));
        assert_eq!(signaled(&mut subscriber).await, Signal::News);
        signals.send(News::In(vec![tenant()]));
        signals.recheck();
        assert_eq!(signaled(&mut subscriber).await, Signal::Recheck);
        signals.recheck();
        signals.send(News::In(vec![ours]));
        assert_eq!(signaled(&mut subscriber).await, Signal::News, "a read checks the session anyway");
        assert_eq!(signaled(&mut subscriber).await, Signal::Clock);
    }

    #[tokio::test]
    async fn the_end_wakes_running_streams_and_those_that_begin_later() {
        let signals = StreamSignals::default();
        let subscriber = signals.subscriber(tenant());
        signals.send(News::In(vec![tenant()]));
        signals.end();
        for mut subscriber in [subscriber, signals.subscriber(tenant())] {
            assert_eq!(signaled(&mut subscriber).await, Signal::End);
            assert_eq!(signaled(&mut subscriber).await, Signal::End, "permanently");
        }
    }

    #[tokio::test]
    async fn without_signals_the_time_wakes_a_stream() {
        let mut subscriber = StreamSignals::default().subscriber(tenant());
        let until = Instant::now() + Duration::from_millis(5);
        assert_eq!(subscriber.wait(until).await, Signal::Clock);
        assert!(Instant::now() >= until);
    }
}
