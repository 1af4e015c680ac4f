//! `POST /clients/import`: staff upload a file of clients.

use super::view::ImportView;
use actix_web::{
    HttpRequest, post,
    web::{Data, Payload},
};
use chrono::{DateTime, Utc};
use futures::StreamExt;
use serde::Deserialize;
use tryzore_crm::{
    Country,
    import::{DateOrder, ImportError, ImportFile, ImportJob, ImportOptions, Mapping, OnMatch, start_import},
};
use tryzore_crm_postgres::Crm;
use tryzore_crm_postgres::upload::{Upload, Uploaded};
use tryzore_kernel::{OrganizationId, Problem};
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::{Permit, catalogue::CreateClient, permit::OutOfReach};
use tryzore_web::{
    Allow, ApiError, Once, Parameters, Reply,
    raw_body::{announced_length, check_media},
};
use utoipa::IntoParams;

// Browsers send one of the last two for a CSV file if Excel is installed or if they do not know the type.
const MEDIA: &[&str] = &[
    "text/csv",
    "text/plain",
    "text/tab-separated-values",
    "application/csv",
    "application/vnd.ms-excel",
    "application/octet-stream",
];

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// The location that the clients are imported to; your current location by default.
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
    /// The name of the file.
    #[param(max_length = 255, example = "clients.csv")]
    file_name: Option<String>,
    /// Whether the import runs after the check without a confirmation.
    #[serde(default)]
    #[param(required = false)]
    run: bool,
    /// The country of phone numbers without a country code; that of the location by default.
    #[param(value_type = Option<String>, example = "IT")]
    country: Option<Country>,
    /// Whether `03/04` is 3 April or March 4; found from the file by default.
    #[param(inline)]
    date_order: Option<DateOrder>,
    /// What the import does with clients who already exist.
    #[serde(default)]
    #[param(required = false, inline)]
    on_match: OnMatch,
    /// Whether people with different names may have the same phone number.
    #[serde(default)]
    #[param(required = false)]
    shared_phones: bool,
    /// The character between cells; found from the file by default.
    #[param(value_type = Option<String>, min_length = 1, max_length = 1, example = ";")]
    delimiter: Option<char>,
    /// The WHATWG label of the encoding, such as `windows-874` (Thai); found from the file by default.
    encoding: Option<String>,
    /// The columns of the fields, as a JSON object of fields and headers; null leaves a field out. Known
    /// headers are assigned automatically.
    #[param(example = r#"{"email": "E-mail Address", "locale": null}"#)]
    mapping: Option<String>,
}

/// Import a file of clients
///
/// The body is the file itself: CSV as text, at most 20 MB and 100,000 rows. The file is read and checked
/// without changing anything, and then waits for confirmation, unless `run` is true. Follow the progress
/// with `GET /imports/{import_id}` or by `crm.import_progress` on the stream.
#[utoipa::path(
    operation_id = "create_import",
    tag = "imports",
    params(Query),
    request_body(content = String, content_type = "text/csv", description = "The file as it is"),
    responses((status = 202, body = ImportView)),
    extensions(("x-permission" = json!("clients.create")), ("x-denials" = json!(["crm.import.too_many"])))
)]
#[post("/clients/import")]
pub(super) async fn upload_import(
    Allow(permit): Allow<CreateClient>,
    Parameters(query): Parameters<Query>,
    request: HttpRequest,
    body: Payload,
    once: Once,
    db: Data<Db>,
) -> Result<Reply<ImportView>, ApiError> {
    let plan = Plan::of(&permit, &db, query).await?;
    check_media(&request, MEDIA)?;
    if announced_length(&request).is_some_and(|bytes| !ImportJob::fits(bytes)) {
        return Err(Problem::from(ImportError::TooBig).into());
    }
    let mut upload = Upload::new(&db, &permit);
    let uploaded = match receive(&mut upload, body).await {
        Ok(uploaded) => uploaded,
        Err(problem) => {
            upload.discard().await;
            return Err(problem.into());
        }
    };
    let once = once.of_body(uploaded.digest);
    let start = async |tx: &mut TenantTx, now| plan.start(&permit, tx, uploaded, now).await;
    let reply = once.accepted(&permit, start).await;
    if reply.is_err() {
        upload.discard().await;
    }
    // A repeated request gets the first answer; its own file is deleted later.
    reply
}

/// What to do with a file that has not been received yet.
struct Plan {
    organization: OrganizationId,
    file_name: String,
    runs_unasked: bool,
    options: ImportOptions,
    mapping: Mapping,
}

impl Plan {
    async fn of(permit: &Permit<CreateClient>, db: &Db, query: Query) -> Result<Self, Problem> {
        let organization = query.organization.or(permit.organization());
        let organization =
            organization.ok_or_else(|| Problem::invalid("organization_id", "the location is required"))?;
        // Checked before anything of a caller without the permission is stored.
        permit.at(organization).map_err(|beyond| match beyond {
            OutOfReach::Hidden => Problem::not_found("organization"),
            OutOfReach::Denied(denial) => denial.into(),
        })?;
        let locale =
            db.tenant_tx(permit, async |tx| tx.crm().organization_locale(organization).await).await?;
        let locale = locale.filter(|locale| locale.is_open);
        let locale = locale.ok_or_else(|| Problem::not_found("organization"))?;
        let country = query.country.or(locale.country).ok_or_else(|| {
            Problem::invalid("country", "the country of phone numbers is required for this location")
        })?;
        let mapping = match query.mapping.as_deref() {
            None => Mapping::default(),
            Some(json) => serde_json::from_str(json).map_err(|error| {
                let detail = format!("expected a JSON object of fields and headers: {error}");
                Problem::invalid("mapping", detail)
            })?,
        };
        let options = ImportOptions {
            country,
            date_order: query.date_order,
            on_match: query.on_match,
            shared_phones: query.shared_phones,
            delimiter: query.delimiter,
            encoding: query.encoding,
        };
        let file_name = query.file_name.unwrap_or_default();
        Ok(Self { organization, file_name, runs_unasked: query.run, options, mapping })
    }

    async fn start(
        self,
        permit: &Permit<CreateClient>,
        tx: &mut TenantTx,
        uploaded: Uploaded,
        now: DateTime<Utc>,
    ) -> Result<ImportView, Problem> {
        let file = ImportFile { name: self.file_name, bytes: uploaded.bytes };
        let job =
            start_import(permit, &mut tx.crm(), self.organization, file, self.mapping, self.options, now)
                .await;
        let job: ImportJob = job.map_err(|error| as_parameters(error.into()))?;
        tx.crm().import_attach(job.id, uploaded.id, self.runs_unasked);
        tx.crm().import_enqueue(job.id);
        Ok(job.into())
    }
}

/// Options are query parameters here and not fields of a body.
fn as_parameters(mut problem: Problem) -> Problem {
    for error in &mut problem.errors {
        if let Some(name) = error.pointer.strip_prefix("/options/") {
            error.pointer = name.to_owned();
        }
    }
    problem
}

async fn receive(upload: &mut Upload<'_>, mut body: Payload) -> Result<Uploaded, Problem> {
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|_| Problem::malformed("the file was not received completely"))?;
        upload.push(&piece).await?;
    }
    let uploaded = upload.finish().await?;
    if uploaded.bytes == 0 { Err(ImportError::Empty.into()) } else { Ok(uploaded) }
}
