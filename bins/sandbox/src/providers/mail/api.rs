//! The mailbox over HTTP: tests wait for mail here, and the page reads it.

use super::{
    MailState,
    content::{self, Content, Summary},
    store::{Envelope, Mail, Search},
};
use crate::http::{ApiError, ApiResult};
use actix_web::{
    HttpResponse,
    http::header::{self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue},
    web::{self, Data, Json, Path, Query, ServiceConfig},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use tryzore_kernel::Problem;

/// The most mails in a list.
const MOST: usize = 1_000;
/// The default number of mails in a list.
const USUAL: usize = 50;
/// The longest wait for a mail, in milliseconds.
const LONGEST_WAIT: u64 = 60_000;
/// The default wait for a mail, in milliseconds.
const USUAL_WAIT: u64 = 5_000;

/// The routes of the mailbox, below `/mail`.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/messages").get(list).delete(delete))
        .service(web::resource("/messages/next").get(next))
        .service(web::resource("/messages/{id}").get(show))
        .service(web::resource("/messages/{id}/raw").get(source))
        .service(web::resource("/messages/{id}/attachments/{index}").get(attachment));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    to: Option<String>,
    subject: Option<String>,
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NextQuery {
    to: Option<String>,
    subject: Option<String>,
    #[serde(default)]
    after: u64,
    wait_ms: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeleteQuery {
    to: Option<String>,
}

#[derive(Serialize)]
struct ListView {
    data: Vec<SummaryView>,
    /// How many mails are stored, whether they match or not.
    kept: usize,
    /// The highest number so far: pass it as `after` to get only later mails.
    last_id: u64,
}

#[derive(Serialize)]
struct SummaryView {
    id: u64,
    received_at: DateTime<Utc>,
    size: usize,
    envelope: Envelope,
    #[serde(flatten)]
    summary: Summary,
}

#[derive(Serialize)]
struct MessageView {
    id: u64,
    received_at: DateTime<Utc>,
    size: usize,
    envelope: Envelope,
    #[serde(flatten)]
    content: Content,
}

#[derive(Serialize)]
struct DeletedView {
    deleted: usize,
}

impl From<&Mail> for SummaryView {
    fn from(mail: &Mail) -> Self {
        let Mail { id, received_at, ref envelope, ref summary, ref raw } = *mail;
        Self { id, received_at, size: raw.len(), envelope: envelope.clone(), summary: summary.clone() }
    }
}

impl From<&Mail> for MessageView {
    fn from(mail: &Mail) -> Self {
        let Mail { id, received_at, ref envelope, ref raw, .. } = *mail;
        Self { id, received_at, size: raw.len(), envelope: envelope.clone(), content: Content::of(raw) }
    }
}

async fn list(state: Data<MailState>, query: Query<ListQuery>) -> ApiResult<Json<ListView>> {
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::invalid("limit", format!("from 1 to {MOST}")).into());
    }
    let search = Search::new(query.to.as_deref(), query.subject.as_deref(), query.after);
    let (kept, last_id) = state.mailbox.tally();
    let data = state.mailbox.newest(&search, limit).iter().map(|mail| SummaryView::from(&**mail)).collect();
    Ok(Json(ListView { data, kept, last_id }))
}

/// The oldest matching mail after `after`; waits for one if there is none yet.
async fn next(state: Data<MailState>, query: Query<NextQuery>) -> ApiResult<Json<MessageView>> {
    let wait = query.wait_ms.unwrap_or(USUAL_WAIT);
    if wait > LONGEST_WAIT {
        return Err(Problem::invalid("wait_ms", format!("at most {LONGEST_WAIT}")).into());
    }
    let search = Search::new(query.to.as_deref(), query.subject.as_deref(), query.after);
    let mut changes = state.shared.changes.listen();
    let coming = async {
        loop {
            if let Some(mail) = state.mailbox.first(&search) {
                return Some(mail);
            }
            tokio::select! {
                beat = changes.changed() => beat.ok()?,
                () = state.shared.closing.cancelled() => return None,
            }
        }
    };
    let found = tokio::time::timeout(Duration::from_millis(wait), coming).await.ok().flatten();
    found.map(|mail| Json(MessageView::from(&*mail))).ok_or_else(|| {
        let told = format!("no such mail came within {wait} ms");
        Problem::new(404, "mail.none_came", "No mail came", told).into()
    })
}

async fn show(state: Data<MailState>, id: Path<u64>) -> ApiResult<Json<MessageView>> {
    Ok(Json(MessageView::from(&*find(&state, *id)?)))
}

async fn source(state: Data<MailState>, id: Path<u64>) -> ApiResult<HttpResponse> {
    let mail = find(&state, *id)?;
    Ok(file("message/rfc822").body(mail.raw.clone()))
}

async fn attachment(state: Data<MailState>, place: Path<(u64, usize)>) -> ApiResult<HttpResponse> {
    let (id, index) = *place;
    let mail = find(&state, id)?;
    let content::File { about, bytes } =
        content::file(&mail.raw, index).ok_or_else(|| ApiError(Problem::not_found("attachment")))?;
    let name = ExtendedValue {
        charset: Charset::Ext("UTF-8".into()),
        language_tag: None,
        value: about.name.into_bytes(),
    };
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::FilenameExt(name)],
    };
    let mut response = file(&about.content_type);
    Ok(response.insert_header(disposition).body(bytes))
}

async fn delete(state: Data<MailState>, query: Query<DeleteQuery>) -> Json<DeletedView> {
    let deleted = state.mailbox.delete(&Search::new(query.to.as_deref(), None, 0));
    state.shared.changes.notify();
    Json(DeletedView { deleted })
}

fn find(state: &MailState, id: u64) -> ApiResult<Arc<Mail>> {
    state.mailbox.find(id).ok_or_else(|| Problem::not_found("mail").into())
}

/// An answer with content written by strangers: a browser must not run it, whatever its type.
fn file(content_type: &str) -> actix_web::HttpResponseBuilder {
    let safe = header::HeaderValue::from_str(content_type);
    let mut response = HttpResponse::Ok();
    response
        .insert_header((
            header::CONTENT_TYPE,
            safe.unwrap_or(header::HeaderValue::from_static("application/octet-stream")),
        ))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"));
    response
}
