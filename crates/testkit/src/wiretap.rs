//! A proxy between a service and Postgres that counts the executed and the prepared statements.
//!
//! The cost of a page must not depend on the number of its rows, and frequent statements must stay prepared.
//! The count is exact and needs nothing of the server: in the protocol of Postgres a statement is executed by
//! an `Execute` or a `Query` message of the client, each with its length in front
//! (<https://www.postgresql.org/docs/current/protocol-message-formats.html>), and prepared by a `Parse`.
//! Several statements in one `Query`, such as `BEGIN; SET LOCAL …`, count as one: they are one message.

use crate::{Database, Service};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

#[derive(Default)]
struct Counts {
    executed: AtomicU64,
    prepared: AtomicU64,
}

/// Accepts connections until it is dropped; open connections stay open.
pub struct Wiretap {
    counts: Arc<Counts>,
    listening: JoinHandle<()>,
}

impl Wiretap {
    /// A proxy in front of `database`, and the URL through it for `service`.
    ///
    /// # Panics
    /// When no port can be bound.
    pub async fn before(database: &Database, service: Service) -> (Self, String) {
        let (host, port) = database.server();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let here = listener.local_addr().unwrap();
        let url = database.url(service).replace(&format!("@{host}:{port}/"), &format!("@{here}/"));
        let counts = Arc::<Counts>::default();
        let counted = Arc::clone(&counts);
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect((&*host, port)).await else { continue };
                // Small messages must not wait for each other, or the proxy would change the measured cost.
                let _ = (client.set_nodelay(true), server.set_nodelay(true));
                tokio::spawn(hand_on(client, server, Arc::clone(&counted)));
            }
        });
        (Self { counts, listening }, url)
    }

    /// How many messages have executed a statement. Answered requests are included.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.counts.executed.load(Ordering::SeqCst)
    }

    /// How many statements have been parsed, whether they stay prepared or not.
    #[must_use]
    pub fn prepared(&self) -> u64 {
        self.counts.prepared.load(Ordering::SeqCst)
    }
}

impl Drop for Wiretap {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn hand_on(client: TcpStream, server: TcpStream, counted: Arc<Counts>) {
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    let asked = async move {
        let (mut buffer, mut messages) = (vec![0; 16_384], Messages::default());
        while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
            messages.count(&buffer[..read], &counted);
            if to_server.write_all(&buffer[..read]).await.is_err() {
                break;
            }
        }
        let _ = to_server.shutdown().await;
    };
    let answered = async move {
        let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
        let _ = to_client.shutdown().await;
    };
    tokio::join!(asked, answered);
}

/// The messages of one client, which arrive in pieces. The first has no type.
#[derive(Default)]
struct Messages {
    begun: bool,
    head: Vec<u8>,
    rest: usize,
}

impl Messages {
    /// Counts the messages that begin in `bytes`.
    fn count(&mut self, mut bytes: &[u8], counts: &Counts) {
        while let [first, others @ ..] = bytes {
            if self.rest > 0 {
                let skipped = self.rest.min(bytes.len());
                self.rest -= skipped;
                bytes = &bytes[skipped..];
                continue;
            }
            self.head.push(*first);
            bytes = others;
            let type_bytes = usize::from(self.begun);
            let Some(length) =
                self.head.get(type_bytes..).and_then(|length| <[u8; 4]>::try_from(length).ok())
            else {
                continue;
            };
            match self.head[0] {
                b'E' | b'Q' if self.begun => _ = counts.executed.fetch_add(1, Ordering::SeqCst),
                b'P' if self.begun => _ = counts.prepared.fetch_add(1, Ordering::SeqCst),
                _ => {}
            }
            // The length includes itself.
            self.rest = usize::try_from(u32::from_be_bytes(length)).unwrap().saturating_sub(4);
            self.begun = true;
            self.head.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_execute_are_counted_wherever_they_are_cut() {
        // The start, `Query`, `Parse` with an E in it, `Bind`, `Execute`, `Sync` and once more `Query`.
        let mut wire = b"\0\0\0\x0b\0\x03\0\0EQE".to_vec();
        for (kind, body) in [
            (b'Q', &b"SELECT 'E'\0"[..]),
            (b'P', b"EEE"),
            (b'B', b""),
            (b'E', b"s0\0"),
            (b'S', b""),
            (b'Q', b"COMMIT\0"),
        ] {
            wire.push(kind);
            wire.extend(u32::try_from(body.len() + 4).unwrap().to_be_bytes());
            wire.extend(body);
        }
        for size in 1..=wire.len() {
            let (mut messages, counts) = (Messages::default(), Counts::default());
            wire.chunks(size).for_each(|piece| messages.count(piece, &counts));
            let counted = [counts.executed, counts.prepared].map(AtomicU64::into_inner);
            assert_eq!(counted, [3, 1], "in pieces of {size}");
        }
    }
}
