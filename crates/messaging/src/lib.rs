//! Letters to people, and their texts.
//!
//! - [`letter`]: the letters, each with the facts in it.
//! - [`mod@render`]: renders a letter as a [`Mail`], in the reader's language.
//! - [`locale`]: the languages, and the format of times in each language.
//! - [`ports`]: the recipients, and the mailer.
//!
//! A letter contains the facts, a template contains the text: `templates/<language>/<letter>.txt` has the
//! subject, the text and the label of the link. Plain text and HTML are rendered from the same text, so
//! they never differ.
//!
//! **Invariants:** every letter has a template in every language, and a template can only use facts of its
//! letter; a subject is one line, whatever the name of a class is; text that people typed is escaped in
//! HTML, never markup; a link always comes from the product, never from a person.

pub mod letter;
pub mod locale;
pub mod ports;
pub mod render;

pub use letter::{Letter, Visit};
pub use locale::Locale;
pub use ports::{Guest, Guests, MailError, Mailer, MessageId};
pub use render::{Mail, RenderError, render};
