//! The mail room: an SMTP server that takes every mail and delivers none, a bounded mailbox, an
//! interface for tests to await mail and to ask for failures, and a tab where a person reads it.
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
    city::{City, Switches},
    rooms::{Room, Tab},
};
use actix_web::web::{self, ServiceConfig};
use failure::Failure;
use std::{io, net::TcpListener, sync::Arc};
use store::Mailbox;

/// The mail room.
pub(crate) struct MailRoom {
    post_office: web::Data<PostOffice>,
    smtp_port: u16,
}

/// What the SMTP server and the HTTP interface share.
struct PostOffice {
    city: Arc<City>,
    mailbox: Mailbox,
    failures: Switches<Failure>,
}

impl MailRoom {
    /// Opens the room: takes mail at `listener` until the city closes.
    pub(crate) fn open(options: &Options, city: &Arc<City>, listener: TcpListener) -> io::Result<Self> {
        let office = Arc::new(PostOffice {
            city: Arc::clone(city),
            mailbox: Mailbox::new(store::Bounds::default()),
            failures: Switches::new(city.pulse.clone()),
        });
        let smtp_port = listener.local_addr()?.port();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let manners = smtp::Manners { login: options.smtp_login.clone(), idle: options.smtp_idle };
        city.tasks.spawn(smtp::serve(listener, Arc::clone(&office), Arc::new(manners)));
        Ok(Self { post_office: web::Data::from(office), smtp_port })
    }
}

impl Room for MailRoom {
    fn tab(&self) -> Tab {
        page::tab(self.smtp_port)
    }

    fn routes(&self, config: &mut ServiceConfig) {
        let room = web::scope("/mail").app_data(self.post_office.clone());
        config.service(room.configure(api::routes).configure(failures_api::routes));
    }
}
