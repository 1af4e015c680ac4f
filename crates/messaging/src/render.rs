//! Renders a letter as a mail, in the reader's language.
//!
//! A template sets `subject`, `text` and, when the letter has a link, `action`, the label of the link.
//! Empty lines separate the paragraphs of the text. The plain text is that text with the link below it; the
//! HTML has the same paragraphs in one layout, escaped.

use crate::{Letter, Locale, Visit};
use minijinja::{Environment, UndefinedBehavior, Value, context, value::Serde};
use std::sync::LazyLock;
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

/// Renders `letter` as a mail to `to`, in the language `locale`.
///
/// # Errors
/// When a template is broken. This is a defect, so a retry does not help.
pub fn render(letter: &Letter, to: Email, locale: Locale) -> Result<Mail, RenderError> {
    let name = format!("{}/{}.txt", locale.tag(), letter.template());
    let written = TEMPLATES.get_template(&name)?.render_captured(facts(letter, locale))?;
    let part = |name: &str| {
        let value = written.state().lookup(name).filter(|value| !value.is_undefined());
        value.map(|value| value.to_string().trim().to_owned()).filter(|text| !text.is_empty())
    };
    let required = |name: &'static str| {
        part(name).ok_or_else(|| minijinja::Error::new(minijinja::ErrorKind::UndefinedError, name))
    };
    let (subject, body) = (one_line(&required("subject")?), required("text")?);
    let action = part("action").zip(letter.link());
    let paragraphs: Vec<String> = body.split("\n\n").map(one_line).collect();
    let text = match &action {
        Some((label, link)) => format!("{}\n\n{label}:\n{link}\n", paragraphs.join("\n\n")),
        None => format!("{}\n", paragraphs.join("\n\n")),
    };
    let html = TEMPLATES.get_template("layout.html")?.render(context! {
        locale => locale.tag(),
        subject => &subject,
        paragraphs => paragraphs,
        action => action.as_ref().map(|(label, _)| label.as_str()),
        link => action.as_ref().map(|(_, link)| *link),
    })?;
    Ok(Mail { to, subject, text, html })
}

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    // A template that uses an unknown fact is an error, instead of leaving a gap in the text.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, source) in SOURCES {
        // A template that cannot be parsed is missing afterwards; the test of all letters detects it.
        let _ = environment.add_template(name, source);
    }
    environment
});

macro_rules! sources {
    ($($locale:literal: $($letter:literal)*;)*) => {
        &[("layout.html", include_str!("../templates/layout.html")),
          $($((concat!($locale, "/", $letter, ".txt"),
               include_str!(concat!("../templates/", $locale, "/", $letter, ".txt")))),*),*]
    };
}

const SOURCES: &[(&str, &str)] = sources! {
    "en": "booking_confirmed" "called_off" "email_verification" "onboarding_resume" "password_changed"
          "password_reset" "promoted" "registered_again" "reminder" "staff_invitation";
    "it": "booking_confirmed" "called_off" "email_verification" "onboarding_resume" "password_changed"
          "password_reset" "promoted" "registered_again" "reminder" "staff_invitation";
};

impl Letter {
    fn link(&self) -> Option<&str> {
        match self {
            Self::EmailVerification { link, .. }
            | Self::RegisteredAgain { link, .. }
            | Self::PasswordReset { link, .. }
            | Self::PasswordChanged { link, .. }
            | Self::StaffInvitation { link, .. }
            | Self::OnboardingResume { link, .. } => Some(link),
            Self::BookingConfirmed(_) | Self::Promoted(_) | Self::CalledOff { .. } | Self::Reminder(_) => {
                None
            }
        }
    }
}

// The facts that a template may use.
fn facts(letter: &Letter, locale: Locale) -> Value {
    match letter {
        Letter::BookingConfirmed(visit) | Letter::Promoted(visit) | Letter::Reminder(visit) => {
            visit_facts(visit, None, locale)
        }
        Letter::CalledOff { visit, reason } => visit_facts(visit, reason.as_deref(), locale),
        other => Value::from(Serde(other)),
    }
}

fn visit_facts(visit: &Visit, reason: Option<&str>, locale: Locale) -> Value {
    let place = [visit.place.as_str(), visit.organization.as_str()];
    let place: Vec<_> = place.into_iter().filter(|part| !part.is_empty()).collect();
    context! {
        name => &visit.name,
        event => &visit.event,
        place => place.join(", "),
        starts_at => locale.moment(visit.starts_at, visit.zone),
        reason => reason,
    }
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
