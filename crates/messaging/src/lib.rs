//! What people are written, and in which words.
//!
//! - [`letter`]: each thing that there is to write, with the facts that it tells.
//! - [`mod@render`]: a letter as a [`Mail`], in the reader's language.
//! - [`locale`]: the languages that there are, and how a time is written in each.
//! - [`ports`]: whom to write to, and who carries it.
//!
//! A letter says *what*, a template says *how*: `templates/<language>/<letter>.txt` holds subject,
//! text and the label of the link. Plain text and HTML come from the same words, so they never
//! differ.
//!
//! **Invariants:** every letter has a template in every language, and a template can name only what
//! its letter holds; a subject is one line, whatever someone has called a class; what people have
//! typed is text in HTML, never markup; a link is ours, never typed by someone.

pub mod letter;
pub mod locale;
pub mod ports;
pub mod render;

pub use letter::{Letter, Visit};
pub use locale::Locale;
pub use ports::{Guest, Guests, MailError, Mailer, MessageId};
pub use render::{Mail, RenderError, render};
