//! Letters to people: how they are rendered and sent. This crate knows no letter: each domain declares its
//! own ([`tryzore_kernel::letter`]).
//!
//! - [`letter`]: a letter of any kind, as its facts. [`catalogue`]: the kinds of letters of all domains, with
//!   the texts that the product comes with.
//! - [`mod@render`]: renders a letter as a [`Mail`], in the reader's language.
//! - [`mod@moment`]: the text of a time in each language.
//! - [`ports`]: where the text of a template comes from, and the mailer.
//!
//! Plain text and HTML are rendered from the same text, so they never differ.
//!
//! **Invariants:** a template can only use facts of its letter; a subject is one line, whatever the name of a
//! class is; text that people typed is escaped in HTML, never markup; a link always comes from the product,
//! never from a person.

pub mod catalogue;
pub mod letter;
pub mod moment;
pub mod ports;
pub mod render;

pub use catalogue::Catalogue;
pub use letter::AnyLetter;
pub use ports::{MailError, Mailer, MessageId, Templates};
pub use render::{Mail, RenderError, render};
pub use tryzore_kernel::Locale;
