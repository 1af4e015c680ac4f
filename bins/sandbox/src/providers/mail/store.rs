//! The mailbox: every accepted mail, in memory; the oldest are removed for the newest.
//!
//! **Invariants.** Numbers only grow, also when mail is deleted, so "after number n" always means "came later".
//! The mailbox never exceeds its limits, and always has the newest mails.

use super::content::Summary;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use wildmatch::WildMatch;

/// The limits of a mailbox.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Mails.
    pub(super) mails: usize,
    /// Bytes of their sources.
    pub(super) bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { mails: 1_000, bytes: 256 * 1024 * 1024 }
    }
}

/// Sender and recipients according to the SMTP conversation, which also has the blind copies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Envelope {
    /// MAIL FROM; empty for a notice that must not bounce.
    pub(super) from: String,
    /// RCPT TO, those that were accepted.
    pub(super) to: Vec<String>,
    /// The name of the client in EHLO or HELO.
    pub(super) helo: String,
    /// The user name of the login.
    pub(super) user: Option<String>,
}

/// An accepted mail.
#[derive(Debug)]
pub(super) struct Mail {
    /// The number of the mail, from 1.
    pub(super) id: u64,
    /// When the mail was accepted, by the shared clock.
    pub(super) received_at: DateTime<Utc>,
    /// Sender and recipients.
    pub(super) envelope: Envelope,
    /// The summary for the list.
    pub(super) summary: Summary,
    /// The source, as it was sent.
    pub(super) raw: Bytes,
}

/// A filter of mails.
#[derive(Debug, Default)]
pub(super) struct Search {
    to: Option<WildMatch>,
    subject: Option<String>,
    after: u64,
}

impl Search {
    /// Mails with a number above `after` to a recipient that matches `to` (`*` and `?` stand for
    /// any text and any character) with `subject` in their subject; case does not count.
    pub(super) fn new(to: Option<&str>, subject: Option<&str>, after: u64) -> Self {
        Self { to: to.map(WildMatch::new_case_insensitive), subject: subject.map(str::to_lowercase), after }
    }

    fn matches(&self, mail: &Mail) -> bool {
        mail.id > self.after
            && self.to.as_ref().is_none_or(|to| mail.envelope.to.iter().any(|one| to.matches(one)))
            && self.subject.as_ref().is_none_or(|words| mail.summary.subject.to_lowercase().contains(words))
    }
}

/// The mails, oldest first.
#[derive(Debug)]
pub(super) struct Mailbox {
    bounds: Bounds,
    shelf: Mutex<Shelf>,
}

#[derive(Debug, Default)]
struct Shelf {
    mails: VecDeque<Arc<Mail>>,
    bytes: usize,
    last_id: u64,
}

impl Mailbox {
    /// An empty mailbox.
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { bounds, shelf: Mutex::default() }
    }

    /// Stores a mail and gives it its number.
    pub(super) fn keep(&self, envelope: Envelope, raw: Bytes, received_at: DateTime<Utc>) -> Arc<Mail> {
        let summary = Summary::of(&raw);
        let mut shelf = self.shelf();
        shelf.last_id += 1;
        let mail = Arc::new(Mail { id: shelf.last_id, received_at, envelope, summary, raw });
        shelf.bytes += mail.raw.len();
        shelf.mails.push_back(Arc::clone(&mail));
        while shelf.mails.len() > self.bounds.mails.max(1)
            || shelf.bytes > self.bounds.bytes && shelf.mails.len() > 1
        {
            let oldest = shelf.mails.pop_front().map_or(0, |old| old.raw.len());
            shelf.bytes -= oldest;
        }
        mail
    }

    /// The mail with this number, while it is stored.
    pub(super) fn find(&self, id: u64) -> Option<Arc<Mail>> {
        let shelf = self.shelf();
        shelf.mails.binary_search_by_key(&id, |mail| mail.id).ok().map(|at| Arc::clone(&shelf.mails[at]))
    }

    /// The newest `limit` mails that match, newest first.
    pub(super) fn newest(&self, search: &Search, limit: usize) -> Vec<Arc<Mail>> {
        self.shelf().mails.iter().rev().filter(|mail| search.matches(mail)).take(limit).cloned().collect()
    }

    /// The oldest mail that matches.
    pub(super) fn first(&self, search: &Search) -> Option<Arc<Mail>> {
        self.shelf().mails.iter().find(|mail| search.matches(mail)).cloned()
    }

    /// How many mails are stored, and the highest number so far.
    pub(super) fn tally(&self) -> (usize, u64) {
        let shelf = self.shelf();
        (shelf.mails.len(), shelf.last_id)
    }

    /// Deletes the mails that match; returns how many there were.
    pub(super) fn delete(&self, search: &Search) -> usize {
        let mut shelf = self.shelf();
        let before = shelf.mails.len();
        shelf.mails.retain(|mail| !search.matches(mail));
        shelf.bytes = shelf.mails.iter().map(|mail| mail.raw.len()).sum();
        before - shelf.mails.len()
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(mailbox: &Mailbox, to: &str, raw: &'static str) -> u64 {
        let envelope = Envelope { to: vec![to.into()], ..Envelope::default() };
        mailbox.keep(envelope, Bytes::from_static(raw.as_bytes()), DateTime::UNIX_EPOCH).id
    }

    fn ids(mailbox: &Mailbox, search: &Search, limit: usize) -> Vec<u64> {
        mailbox.newest(search, limit).iter().map(|mail| mail.id).collect()
    }

    #[test]
    fn the_oldest_makes_room_when_there_are_too_many_or_too_much() {
        let mailbox = Mailbox::new(Bounds { mails: 3, bytes: 20 });
        for _ in 0..3 {
            keep(&mailbox, "ada@x.it", "12345");
        }
        assert_eq!(ids(&mailbox, &Search::default(), 9), [3, 2, 1]);
        keep(&mailbox, "ada@x.it", "12345");
        assert_eq!(ids(&mailbox, &Search::default(), 9), [4, 3, 2], "at most three");
        keep(&mailbox, "ada@x.it", "1234567890");
        assert_eq!(ids(&mailbox, &Search::default(), 9), [5, 4, 3], "20 bytes are not too much");
        keep(&mailbox, "ada@x.it", "123456");
        assert_eq!(ids(&mailbox, &Search::default(), 9), [6, 5], "21 bytes are");
        keep(&mailbox, "ada@x.it", "1234567890123456789012345");
        assert_eq!(ids(&mailbox, &Search::default(), 9), [7], "the newest is kept whatever its size");
    }

    #[test]
    fn numbers_grow_also_after_mail_was_deleted() {
        let mailbox = Mailbox::new(Bounds::default());
        keep(&mailbox, "ada@x.it", "Subject: One\r\n\r\n");
        keep(&mailbox, "bob@x.it", "Subject: Two\r\n\r\n");
        assert_eq!(mailbox.delete(&Search::new(Some("BOB@x.it"), None, 0)), 1);
        assert_eq!(keep(&mailbox, "bob@x.it", "Subject: Three\r\n\r\n"), 3);
        assert_eq!(mailbox.tally(), (2, 3));
        assert!(mailbox.find(2).is_none() && mailbox.find(3).is_some());
        assert_eq!(mailbox.delete(&Search::default()), 2);
        assert_eq!(mailbox.tally(), (0, 3));
    }

    #[test]
    fn finds_by_recipient_subject_and_number() {
        let mailbox = Mailbox::new(Bounds::default());
        for (to, raw) in [
            ("ada@x.it", "Subject: Welcome\r\n\r\n"),
            ("bob@x.it", "Subject: welcome back\r\n\r\n"),
            ("ada@y.it", "\r\n"),
        ] {
            keep(&mailbox, to, raw);
        }
        assert_eq!(ids(&mailbox, &Search::new(Some("Ada@X.it"), None, 0), 9), [1]);
        assert_eq!(ids(&mailbox, &Search::new(Some("ada@*"), None, 0), 9), [3, 1]);
        assert_eq!(ids(&mailbox, &Search::new(None, Some("WELCOME"), 0), 9), [2, 1]);
        assert_eq!(ids(&mailbox, &Search::new(None, Some("WELCOME"), 1), 9), [2]);
        assert_eq!(ids(&mailbox, &Search::default(), 2), [3, 2]);
        assert_eq!(mailbox.first(&Search::new(Some("ada@*"), None, 1)).map(|mail| mail.id), Some(3));
    }
}
