//! The mail provider's failure switches over HTTP.

use super::{MailState, failure::Failure};
use crate::{http::ApiResult, shared::Switch};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Data, Json, Path, ServiceConfig},
};
use serde::{Deserialize, Serialize};
use tryzore_kernel::Problem;

/// The longest delay: five minutes, in milliseconds.
const LONGEST_DELAY: u32 = 300_000;
/// The greatest number of times of a switch; without a number a switch stays until removed.
const MOST_TIMES: u32 = 10_000;
/// The greatest length of a pattern, in characters: more than an address has.
const LONGEST_PATTERN: usize = 320;

/// The routes of the switches, below `/mail`.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/failures").get(list).post(add).delete(clear))
        .service(web::resource("/failures/{id}").delete(remove));
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Delay,
    Temporary,
    Permanent,
    Drop,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddFailure {
    /// The recipients: `*` is any text, `?` one character.
    to: String,
    kind: Kind,
    /// How many mails; null is until removed.
    times: Option<u32>,
    /// The milliseconds of a delay.
    delay_ms: Option<u32>,
    /// The reply code of a refusal: 451 or 550 by default.
    code: Option<u16>,
    /// For a dropped connection, whether the mail is stored: false by default.
    kept: Option<bool>,
}

#[derive(Serialize)]
struct FailuresView {
    data: Vec<Switch<Failure>>,
}

#[derive(Serialize)]
struct DeletedView {
    deleted: usize,
}

impl AddFailure {
    fn failure(&self) -> Result<Failure, Problem> {
        let only = |wanted: &str| {
            let given = [
                ("delay_ms", self.delay_ms.is_some()),
                ("code", self.code.is_some()),
                ("kept", self.kept.is_some()),
            ];
            match given.into_iter().find(|(name, given)| *given && *name != wanted) {
                Some((name, _)) => Err(Problem::invalid(format!("/{name}"), "does not go with this kind")),
                None => Ok(()),
            }
        };
        let code = |usual: u16, series: std::ops::RangeInclusive<u16>| match self.code.unwrap_or(usual) {
            code if series.contains(&code) => Ok(code),
            _ => Err(Problem::invalid("/code", format!("from {} to {}", series.start(), series.end()))),
        };
        match self.kind {
            Kind::Delay => {
                only("delay_ms")?;
                let delay_ms = self.delay_ms.filter(|ms| (1..=LONGEST_DELAY).contains(ms));
                let delay_ms = delay_ms
                    .ok_or_else(|| Problem::invalid("/delay_ms", format!("from 1 to {LONGEST_DELAY}")))?;
                Ok(Failure::Delay { delay_ms })
            }
            Kind::Temporary => {
                only("code").and_then(|()| Ok(Failure::Temporary { code: code(451, 400..=459)? }))
            }
            Kind::Permanent => {
                only("code").and_then(|()| Ok(Failure::Permanent { code: code(550, 500..=559)? }))
            }
            Kind::Drop => only("kept").map(|()| Failure::Drop { kept: self.kept.unwrap_or(false) }),
        }
    }

    fn check(&self) -> Result<(), Problem> {
        if !(1..=LONGEST_PATTERN).contains(&self.to.trim().chars().count()) {
            return Err(Problem::invalid(
                "/to",
                format!("a recipient or a pattern of at most {LONGEST_PATTERN} characters"),
            ));
        }
        if self.times.is_some_and(|times| !(1..=MOST_TIMES).contains(&times)) {
            return Err(Problem::invalid(
                "/times",
                format!("from 1 to {MOST_TIMES}, or null for until removed"),
            ));
        }
        Ok(())
    }
}

async fn list(state: Data<MailState>) -> Json<FailuresView> {
    Json(FailuresView { data: state.failures.list() })
}

async fn add(
    state: Data<MailState>,
    wish: Json<AddFailure>,
) -> ApiResult<(Json<Switch<Failure>>, StatusCode)> {
    wish.check()?;
    let switch = state.failures.add(wish.to.trim().to_owned(), wish.failure()?, wish.times)?;
    Ok((Json(switch), StatusCode::CREATED))
}

async fn clear(state: Data<MailState>) -> Json<DeletedView> {
    let deleted = state.failures.clear();
    Json(DeletedView { deleted })
}

async fn remove(state: Data<MailState>, id: Path<u64>) -> ApiResult<HttpResponse> {
    if !state.failures.remove(*id) {
        return Err(Problem::not_found("failure").into());
    }
    Ok(HttpResponse::NoContent().finish())
}
