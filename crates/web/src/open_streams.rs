//! Limits the number of open streams per user and per address.
//!
//! A stream occupies a connection and a reader for as long as it lasts, and the limits of requests per
//! minute do not count that.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tryzore_kernel::{Denial, Problem, UserId};

/// The limit for one user: a few devices, each with a few pages.
pub(crate) const PER_USER: usize = 16;
/// The limit for one address, which a whole network may share.
pub(crate) const PER_ADDRESS: usize = 256;

/// The open streams of a process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenStreams(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    by_user: HashMap<UserId, usize>,
    by_address: HashMap<IpAddr, usize>,
}

/// An open stream; counts until it is dropped.
#[derive(Debug)]
pub(crate) struct OpenStream {
    streams: OpenStreams,
    user: Option<UserId>,
    address: Option<IpAddr>,
}

impl OpenStreams {
    /// Opens a stream, for `user` and `address` as far as they are known.
    ///
    /// # Errors
    /// `stream.too_many`, 429.
    pub(crate) fn open(&self, user: Option<UserId>, address: Option<IpAddr>) -> Result<OpenStream, Problem> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        has_room(&counts.by_user, user, PER_USER).map_err(|most| too_many("user", most))?;
        has_room(&counts.by_address, address, PER_ADDRESS).map_err(|most| too_many("address", most))?;
        if let Some(user) = user {
            *counts.by_user.entry(user).or_default() += 1;
        }
        if let Some(address) = address {
            *counts.by_address.entry(address).or_default() += 1;
        }
        Ok(OpenStream { streams: self.clone(), user, address })
    }
}

fn has_room<K: Hash + Eq>(counts: &HashMap<K, usize>, key: Option<K>, most: usize) -> Result<(), usize> {
    match key.and_then(|key| counts.get(&key)) {
        Some(open) if *open >= most => Err(most),
        _ => Ok(()),
    }
}

fn too_many(of: &'static str, most: usize) -> Problem {
    let denial = Denial::state("stream.too_many")
        .because("limit.of", of)
        .because("limit.open", most)
        .remedy("Close a stream that nobody reads any more, or share one among pages.", None);
    Problem { status: 429, title: "Too many streams".into(), ..denial.into() }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut counts = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        close(&mut counts.by_user, self.user);
        close(&mut counts.by_address, self.address);
    }
}

fn close<K: Hash + Eq>(counts: &mut HashMap<K, usize>, key: Option<K>) {
    let Some(key) = key else { return };
    if let Some(open) = counts.get_mut(&key) {
        *open -= 1;
        if *open == 0 {
            counts.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn user() -> UserId {
        UserId::generate(DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_user_has_sixteen_streams_and_another_one_when_one_is_closed() {
        let (streams, ada) = (OpenStreams::default(), user());
        let mut open: Vec<_> = (0..PER_USER).map(|_| streams.open(Some(ada), None).unwrap()).collect();
        let refused = streams.open(Some(ada), None).unwrap_err();
        assert_eq!((refused.status, &*refused.code), (429, "stream.too_many"));
        streams.open(Some(user()), None).unwrap();
        drop(open.pop());
        open.push(streams.open(Some(ada), None).unwrap());
        drop(open);
        assert!(streams.0.lock().unwrap().by_user.is_empty());
    }

    #[test]
    fn an_address_has_256_streams_whoever_reads_them() {
        let streams = OpenStreams::default();
        let open: Vec<_> =
            (0..PER_ADDRESS).map(|_| streams.open(Some(user()), Some(HOME)).unwrap()).collect();
        let refused = streams.open(Some(user()), Some(HOME)).unwrap_err();
        let facts = refused.denial.unwrap().because;
        assert_eq!((refused.status, facts[0].value.clone()), (429, "address".into()));
        drop(open);
        assert!(streams.0.lock().unwrap().by_address.is_empty());
    }
}
