//! The mail provider: an SMTP server that accepts every mail and delivers none, a bounded mailbox, an interface
//! for tests to wait for mail and to request failures, and a tab where a person reads it.
//!
//! | route | |
//! |---|---|
//! | `GET /mail/messages?to=&subject=&after=&limit=` | summaries, newest first |
//! | `GET /mail/messages/next?to=&subject=&after=&wait_ms=` | waits for the next one, whole |
//! | `GET /mail/messages/{id}`, `/raw`, `/attachments/{index}` | one mail, its source, its files |
//! | `DELETE /mail/messages?to=` | empties the mailbox, or takes out one recipient's mail |
//! | `GET`, `POST`, `DELETE /mail/failures`, `DELETE /mail/failures/{id}` | failures on demand |

mod api;
mod content;
mod failure;
mod failures_api;
mod framing;
mod links;
mod page;
mod session;
mod smtp;
mod store;

use crate::{
    Options,
    providers::{Provider, Tab},
    shared::{Shared, Switches},
};
use actix_web::web::{self, ServiceConfig};
use failure::Failure;
use std::{io, net::TcpListener, sync::Arc};
use store::Mailbox;

/// The mail provider.
pub(crate) struct MailProvider {
    state: web::Data<MailState>,
    smtp_port: u16,
}

/// The state that the SMTP server and the HTTP interface share.
struct MailState {
    shared: Arc<Shared>,
    mailbox: Mailbox,
    failures: Switches<Failure>,
}

impl MailProvider {
    /// Opens the provider: accepts mail at `listener` until the sandbox stops.
    pub(crate) fn open(options: &Options, shared: &Arc<Shared>, listener: TcpListener) -> io::Result<Self> {
        let state = Arc::new(MailState {
            shared: Arc::clone(shared),
            mailbox: Mailbox::new(store::Bounds::default()),
            failures: Switches::new(shared.changes.clone()),
        });
        let smtp_port = listener.local_addr()?.port();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let manners = smtp::Manners { login: options.smtp_login.clone(), idle: options.smtp_idle };
        shared.tasks.spawn(smtp::serve(listener, Arc::clone(&state), Arc::new(manners)));
        Ok(Self { state: web::Data::from(state), smtp_port })
    }
}

impl Provider for MailProvider {
    fn tab(&self) -> Tab {
        page::tab(self.smtp_port)
    }

    fn routes(&self, config: &mut ServiceConfig) {
        let provider = web::scope("/mail").app_data(self.state.clone());
        config.service(provider.configure(api::routes).configure(failures_api::routes));
    }
}
