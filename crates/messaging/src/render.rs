//! Renders a letter as a mail, in the reader's language.
//!
//! A template sets `subject`, `text` and, when the letter has a link, `action`, the label of the link.
//! Empty lines separate the paragraphs of the text. The plain text is that text with the link below it; the
//! HTML has the same paragraphs in one layout, escaped.

use crate::{AnyLetter, Locale, moment::moment};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value, context, value::Serde};
use tryzore_kernel::Email;

/// A mail that is ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The recipient.
    pub to: Email,
    /// The subject: one line, without control characters.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The body as an HTML page.
    pub html: String,
}

/// The error when a template is broken.
#[derive(Debug, thiserror::Error)]
#[error("the template of a letter is broken: {0}")]
pub struct RenderError(#[from] minijinja::Error);

/// Renders `letter` with the text `template` as a mail to `to`, in the language `locale`.
///
/// A template can use the facts of its letter, and writes a time with `starts_at|moment(zone)`.
///
/// # Errors
/// When the template is broken, so a retry does not help.
pub fn render(template: &str, letter: &AnyLetter, to: Email, locale: Locale) -> Result<Mail, RenderError> {
    let environment = environment(locale)?;
    let template = environment.template_from_named_str("letter.txt", template)?;
    let written = template.render_captured(Value::from(Serde(&letter.facts)))?;
    let part = |name: &str| {
        let value = written.state().lookup(name).filter(|value| !value.is_undefined());
        value.map(|value| value.to_string().trim().to_owned()).filter(|text| !text.is_empty())
    };
    let required = |name: &'static str| part(name).ok_or_else(|| Error::new(ErrorKind::UndefinedError, name));
    let (subject, body) = (one_line(&required("subject")?), required("text")?);
    let action = part("action").zip(letter.link());
    let paragraphs: Vec<String> = body.split("\n\n").map(one_line).collect();
    let text = match &action {
        Some((label, link)) => format!("{}\n\n{label}:\n{link}\n", paragraphs.join("\n\n")),
        None => format!("{}\n", paragraphs.join("\n\n")),
    };
    let html = environment.get_template("layout.html")?.render(context! {
        locale => locale.tag(),
        subject => &subject,
        paragraphs => paragraphs,
        action => action.as_ref().map(|(label, _)| label.as_str()),
        link => action.as_ref().map(|(_, link)| *link),
    })?;
    Ok(Mail { to, subject, text, html })
}

fn environment(locale: Locale) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    // A template that uses an unknown fact is an error, instead of leaving a gap in the text.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_template("layout.html", include_str!("../templates/layout.html"))?;
    environment.add_filter("moment", move |at: &str, zone: &str| {
        let at: Option<DateTime<Utc>> = at.parse().ok();
        let zone: Option<Tz> = zone.parse().ok();
        let (at, zone) = at.zip(zone).ok_or_else(|| {
            Error::new(ErrorKind::InvalidOperation, "`moment` takes a time and the name of a time zone")
        })?;
        Ok::<_, Error>(moment(locale, at, zone))
    });
    Ok(environment)
}

// Replaces line breaks and control characters by spaces: a subject is a header, and a paragraph is one
// line.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests;
