//! A letter as a mail, in the reader's language.
//!
//! A template sets `subject`, `text` and, when there is a link to follow, `action`, its label. The
//! text's paragraphs are parted by empty lines. Plain text is that text with the link below it;
//! HTML is the same paragraphs in one layout, escaped.

use crate::{Letter, Locale, Visit};
use minijinja::{Environment, UndefinedBehavior, Value, context, value::Serde};
use std::sync::LazyLock;
use tryzore_kernel::Email;

/// A mail that is ready to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: Email,
    /// One line, without control characters.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as a page of HTML.
    pub html: String,
}

/// A template does not fit its letter.
#[derive(Debug, thiserror::Error)]
#[error("the template of a letter does not hold: {0}")]
pub struct RenderError(#[from] minijinja::Error);

/// `letter` to `to`, in the language `locale`.
///
/// # Errors
/// When a template is broken: a defect, which trying again does not mend.
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
    // Naming what the letter does not hold is an error, not an empty place.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, source) in SOURCES {
        // A template that cannot be read is missing then; the test of all letters finds it.
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

// What a template may name.
fn facts(letter: &Letter, locale: Locale) -> Value {
    match letter {
        Letter::BookingConfirmed(visit) | Letter::Promoted(visit) | Letter::Reminder(visit) => {
            of_visit(visit, None, locale)
        }
        Letter::CalledOff { visit, reason } => of_visit(visit, reason.as_deref(), locale),
        told => Value::from(Serde(told)),
    }
}

fn of_visit(visit: &Visit, reason: Option<&str>, locale: Locale) -> Value {
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

// Line breaks and control characters to blanks: a subject is a header, a paragraph is one line.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests;
