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
pub struct Wakes {
    told: watch::Sender<Told>,
    /// How many streams there are.
    pub(crate) open: OpenStreams,
}

#[derive(Debug, Clone)]
struct Told {
    // How often there was news, and of which kind the last were.
    count: u64,
    news: News,
    doubts: u64,
    has_ended: bool,
}

impl Default for Wakes {
    fn default() -> Self {
        let told = Told { count: 0, news: News::Anywhere, doubts: 0, has_ended: false };
        Self { told: watch::Sender::new(told), open: OpenStreams::default() }
    }
}

impl Wakes {
    /// There is something new.
    pub fn tell(&self, news: News) {
        self.told.send_modify(|told| {
            told.count += 1;
            told.news = news;
        });
    }

    /// Someone may no longer be who they were.
    pub fn doubt(&self) {
        self.told.send_modify(|told| told.doubts += 1);
    }

    /// All streams are to end, those that are yet to begin as well.
    pub fn end(&self) {
        self.told.send_modify(|told| told.has_ended = true);
    }

    /// Someone who is woken by what is told from now on, in `tenant`.
    pub(crate) fn sleeper(&self, tenant: TenantId) -> Sleeper {
        let told = self.told.subscribe();
        let (count, doubts) = {
            let seen = told.borrow();
            (seen.count, seen.doubts)
        };
        Sleeper { told, tenant, count, doubts }
    }
}

/// Why a sleeper woke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// There may be something new in its tenant.
    News,
    /// Someone's session may have ended.
    Doubt,
    /// It was time.
    Clock,
    /// There is nothing to wait for any more.
    End,
}

/// Someone who sleeps until something concerns them.
pub(crate) struct Sleeper {
    told: watch::Receiver<Told>,
    tenant: TenantId,
    count: u64,
    doubts: u64,
}

impl Sleeper {
    /// Sleeps until something concerns its tenant, but no longer than `until`.
    pub(crate) async fn sleep(&mut self, until: Instant) -> Woken {
        loop {
            if self.told.borrow().has_ended {
                return Woken::End;
            }
            match timeout_at(until, self.told.changed()).await {
                Ok(Ok(())) => {}
                // Nobody is left who could wake it.
                Ok(Err(_)) => {
                    sleep_until(until).await;
                    return Woken::Clock;
                }
                Err(_) => return Woken::Clock,
            }
            let told = self.told.borrow_and_update();
            let (new, doubts) = (told.count - self.count, told.doubts - self.doubts);
            // Of several only the last can be seen.
            let is_concerned = new > 1 || (new == 1 && told.news.is_in(self.tenant));
            (self.count, self.doubts) = (told.count, told.doubts);
            if is_concerned {
                return Woken::News;
            }
            if doubts > 0 {
                return Woken::Doubt;
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
    async fn woken(sleeper: &mut Sleeper) -> Woken {
        sleeper.sleep(Instant::now() + Duration::from_millis(5)).await
    }

    #[tokio::test]
    async fn who_sleeps_is_woken_by_its_own_news_alone() {
        let (wakes, ours) = (Wakes::default(), tenant());
        let mut sleeper = wakes.sleeper(ours);
        assert_eq!(woken(&mut sleeper).await, Woken::Clock);
        wakes.tell(News::In(vec![tenant()]));
        assert_eq!(woken(&mut sleeper).await, Woken::Clock, "another tenant's");
        wakes.tell(News::In(vec![tenant(), ours]));
        assert_eq!(woken(&mut sleeper).await, Woken::News);
        wakes.tell(News::Anywhere);
        assert_eq!(woken(&mut sleeper).await, Woken::News);
        assert_eq!(woken(&mut sleeper).await, Woken::Clock, "once each");
    }

    #[tokio::test]
    async fn what_was_overwritten_is_not_lost() {
        let (wakes, ours) = (Wakes::default(), tenant());
        let mut sleeper = wakes.sleeper(ours);
        wakes.tell(News::In(vec![ours]));
        wakes.tell(News::In(vec![tenant()]));
        assert_eq!(woken(&mut sleeper).await, Woken::News);
        wakes.tell(News::In(vec![tenant()]));
        wakes.doubt();
        assert_eq!(woken(&mut sleeper).await, Woken::Doubt);
        wakes.doubt();
        wakes.tell(News::In(vec![ours]));
        assert_eq!(woken(&mut sleeper).await, Woken::News, "who reads asks who it is anyway");
        assert_eq!(woken(&mut sleeper).await, Woken::Clock);
    }

    #[tokio::test]
    async fn who_sleeps_is_woken_by_the_end_and_so_is_who_comes_after_it() {
        let wakes = Wakes::default();
        let sleeper = wakes.sleeper(tenant());
        wakes.tell(News::In(vec![tenant()]));
        wakes.end();
        for mut sleeper in [sleeper, wakes.sleeper(tenant())] {
            assert_eq!(woken(&mut sleeper).await, Woken::End);
            assert_eq!(woken(&mut sleeper).await, Woken::End, "for good");
        }
    }

    #[tokio::test]
    async fn without_anyone_to_wake_it_there_is_the_clock() {
        let mut sleeper = Wakes::default().sleeper(tenant());
        let until = Instant::now() + Duration::from_millis(5);
        assert_eq!(sleeper.sleep(until).await, Woken::Clock);
        assert!(Instant::now() >= until);
    }
}
