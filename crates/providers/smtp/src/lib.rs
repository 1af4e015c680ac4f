//! Mail by SMTP.
//!
//! One pool of connections to one relay. Connections to a relay on another machine always use verified TLS,
//! whatever its URL says; a relay on this machine (the sandbox, a local relay) may be used without TLS.
//!
//! **Invariants:** a permanent answer of the relay (5yz) and an address that cannot be encoded are
//! [`MailError::Permanent`], everything else is [`MailError::Temporary`]; no credential is in an error or in
//! a log.

mod settings;

pub use settings::{MailSettings, SettingsError};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::Error as SmtpError,
};
use tryzore_messaging::{Mail, MailError, Mailer, MessageId};

/// A mail relay. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// The relay of `settings`. The first mail opens the first connection.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(settings: &MailSettings) -> Result<Self, SettingsError> {
        Ok(Self { transport: settings.transport()?, from: settings.sender()? })
    }

    /// The domain of the sender of mails.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.from.email.domain()
    }

    fn message(&self, mail: &Mail, id: &MessageId) -> Result<Message, MailError> {
        let refused = |error: &dyn std::error::Error| MailError::Permanent(error.to_string());
        let to = mail.to.as_str().parse().map_err(|error: lettre::address::AddressError| refused(&error))?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&*mail.subject)
            .message_id(Some(format!("<{id}>")))
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|error| refused(&error))
    }
}

impl Mailer for Smtp {
    async fn mail_send(&self, mail: &Mail, id: &MessageId) -> Result<(), MailError> {
        let message = self.message(mail, id)?;
        let answer = self.transport.send(message).await.map_err(|error| classify(&error))?;
        tracing::info!(%id, code = %answer.code(), "mail handed over");
        Ok(())
    }
}

fn classify(error: &SmtpError) -> MailError {
    let text = match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    match error.is_permanent() {
        true => MailError::Permanent(text),
        false => MailError::Temporary(text),
    }
}
