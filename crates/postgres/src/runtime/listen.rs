//! Notifications between processes, by LISTEN and NOTIFY.
//!
//! **A use case never notifies.** A transaction that has notified takes a lock over the whole database
//! when it commits, so that notifying transactions commit one after the other: that would undo group
//! commit on the hottest path. Instead a commit that published something notifies [`Db::outbox_signal`] in
//! its own process, and [`announce`] turns these signals into one NOTIFY at most every 20 ms, on a
//! connection of its own.
//!
//! A notification may be lost (a connection breaks, a process dies between commit and NOTIFY), so every
//! listener also polls from time to time. A notification only says that polling may be worthwhile.

use crate::{DatabaseConfig, DatabaseConfigError, Db, connector::Connector, tls};
use futures::{StreamExt, stream};
use std::{collections::HashMap, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_postgres::{AsyncMessage, Client, Notification};

/// The channel that is notified after a commit that published something.
pub const OUTBOX: &str = "tryzore_outbox";

const PAUSE: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(5);
const HEARTBEAT: Duration = Duration::from_secs(30);
const LONGEST_RETRY: Duration = Duration::from_secs(10);

/// The last notification on a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// How many notifications there were. Each connection counts as one, because notifications may have
    /// been missed before it.
    pub count: u64,
    /// The payload of the last notification.
    pub payload: String,
}

/// Listens to channels, on a connection of its own that is opened again whenever it breaks.
#[derive(Debug)]
pub struct Listener {
    channels: HashMap<&'static str, watch::Sender<Heard>>,
    task: JoinHandle<()>,
}

impl Listener {
    /// Starts listening to `channels`, at `listen_url` of `config` or else at its `url`. The
    /// connection is opened in the background.
    ///
    /// # Errors
    /// When `config` is not valid.
    pub fn start(config: &DatabaseConfig, channels: &[&'static str]) -> Result<Self, DatabaseConfigError> {
        let url = config.listen_url.clone().unwrap_or_else(|| config.url.clone());
        let connector = Connector::new(&DatabaseConfig { url, ..config.clone() })?;
        let channels: HashMap<_, _> =
            channels.iter().map(|channel| (*channel, watch::Sender::new(Heard::default()))).collect();
        let task = tokio::spawn(listen(connector, channels.clone()));
        Ok(Self { channels, task })
    }

    /// Receives the notifications on `channel` from now on; none for a channel that is not listened to.
    #[must_use]
    pub fn on(&self, channel: &str) -> watch::Receiver<Heard> {
        self.channels
            .get(channel)
            .map_or_else(|| watch::Sender::default().subscribe(), watch::Sender::subscribe)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(connector: Connector, channels: HashMap<&'static str, watch::Sender<Heard>>) {
    let commands: Vec<_> = channels.keys().map(|channel| format!("LISTEN \"{channel}\"")).collect();
    let commands = commands.join("; ");
    let mut retry = Duration::from_millis(100);
    loop {
        match follow(&connector, &commands, &channels, &mut retry).await {
            Ok(()) => tracing::info!("the connection that listens has closed"),
            Err(error) => {
                tracing::warn!(%error, "no connection to listen on; looking by the clock meanwhile")
            }
        }
        sleep(retry).await;
        retry = (retry * 2).min(LONGEST_RETRY);
    }
}

// Forwards notifications until the connection breaks.
async fn follow(
    connector: &Connector,
    commands: &str,
    channels: &HashMap<&'static str, watch::Sender<Heard>>,
    retry: &mut Duration,
) -> Result<(), ListenError> {
    let (client, mut notifications) = timeout(PATIENCE, connect(connector)).await??;
    timeout(PATIENCE, client.batch_execute(commands)).await??;
    *retry = Duration::from_millis(100);
    for heard in channels.values() {
        heard.send_modify(|heard| heard.count += 1);
    }
    loop {
        match timeout(HEARTBEAT, notifications.recv()).await {
            Ok(Some(notification)) => {
                if let Some(heard) = channels.get(notification.channel()) {
                    heard.send_modify(|heard| {
                        heard.count += 1;
                        notification.payload().clone_into(&mut heard.payload);
                    });
                }
            }
            Ok(None) => return Ok(()),
            // No notification for a while: a connection that is half open would stay silent for ever.
            Err(_) => timeout(PATIENCE, client.batch_execute("")).await??,
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum ListenError {
    #[error("{}", tls::explain(.0))]
    Database(#[from] tokio_postgres::Error),
    #[error("no answer in time")]
    Silent(#[from] tokio::time::error::Elapsed),
}

async fn connect(
    connector: &Connector,
) -> Result<(Client, mpsc::UnboundedReceiver<Notification>), tokio_postgres::Error> {
    let (client, mut connection) = connector.bare().await?;
    let (heard, notifications) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
        while let Some(Ok(message)) = messages.next().await {
            if let AsyncMessage::Notification(notification) = message {
                // The receiver is dropped with the connection; the task ends with its client.
                let _ = heard.send(notification);
            }
        }
    });
    Ok((client, notifications))
}

/// Sends notifications, on a connection of its own and outside of any transaction.
pub struct Wire {
    connector: Connector,
    client: Option<Client>,
}

impl Wire {
    /// A sender of notifications to the database of `config`; it connects when first used.
    ///
    /// # Errors
    /// When `config` is not valid.
    pub fn new(config: &DatabaseConfig) -> Result<Self, DatabaseConfigError> {
        Ok(Self { connector: Connector::new(config)?, client: None })
    }

    /// Notifies the listeners of `channel`, if the database can be reached.
    pub async fn notify(&mut self, channel: &str, payload: &str) {
        // The existing connection may have died since: try once more with a new one.
        for _ in 0..2 {
            match self.send(channel, payload).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::debug!(%error, channel, "could not notify");
                    self.client = None;
                }
            }
        }
    }

    async fn send(&mut self, channel: &str, payload: &str) -> Result<(), ListenError> {
        let client = match self.client.take().filter(|client| !client.is_closed()) {
            Some(client) => client,
            None => timeout(PATIENCE, connect(&self.connector)).await??.0,
        };
        // Channel and payload never come from a caller; a quote in them would end the SQL text.
        let command = format!("NOTIFY \"{channel}\", '{}'", payload.replace('\'', "''"));
        timeout(PATIENCE, client.batch_execute(&command)).await??;
        self.client = Some(client);
        Ok(())
    }
}

/// Notifies the workers after commits of `db` that published something: at once, then at most every 20
/// ms. Runs until the task is aborted; start it once per process.
///
/// # Errors
/// When `config` is not valid.
pub fn announce(db: &Db, config: &DatabaseConfig) -> Result<JoinHandle<()>, DatabaseConfigError> {
    let (outbox_signal, mut wire) = (db.outbox_signal().clone(), Wire::new(config)?);
    Ok(tokio::spawn(async move {
        loop {
            outbox_signal.notified().await;
            wire.notify(OUTBOX, "").await;
            sleep(PAUSE).await;
        }
    }))
}
