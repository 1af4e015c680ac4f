//! Mail by SMTP.
//!
//! One pool of connections to one relay. A relay on another machine is spoken to by verified TLS
//! only, whatever its URL says; one on this machine (the sandbox, a local relay) may go without.
//!
//! **Invariants:** an answer of the relay that will not change (5yz, an address that cannot be
//! written down) is [`MailError::Permanent`], everything else is [`MailError::Temporary`]; no
//! credential is in an error or in a log.

mod settings;

pub use settings::{MailSettings, SettingsError};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::Error as SmtpError,
};
use tryzore_messaging::{Mail, MailError, Mailer, MessageId};

/// A relay that takes mail. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// The relay of `settings`; it is not spoken to before there is something to send.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(settings: &MailSettings) -> Result<Self, SettingsError> {
        Ok(Self { transport: settings.transport()?, from: settings.sender()? })
    }

    /// The domain that mails come from.
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
