//! `GET /imports/{import_id}/errors.csv`: the refused rows, to correct and upload again.
//!
//! The file is read and sent in parts. If reading fails halfway, the connection is closed with an error,
//! because half a file must not look like a whole one.

use actix_web::{
    HttpResponse, get,
    http::header,
    web::{Bytes, Data},
};
use futures::stream::try_unfold;
use tryzore_crm::{
    UseCaseError,
    import::{self, Imports, RefusedRow, error_csv},
};
use tryzore_crm_postgres::Crm;
use tryzore_kernel::{ImportId, Problem};
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::{Permit, catalogue::CreateClient};
use tryzore_web::{Allow, ApiError, Path};

const STRETCH: u32 = 500;

/// List the refused rows of an import
///
/// A CSV file of the refused rows, with two more columns: `row` and `error`. UTF-8 with a byte order mark.
#[utoipa::path(
    operation_id = "list_import_errors",
    tag = "imports",
    params(("import_id" = ImportId, Path)),
    responses((status = 200, body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("clients.create")))
)]
#[get("/imports/{import_id}/errors.csv")]
pub(super) async fn get_errors(
    Allow(permit): Allow<CreateClient>,
    Path(id): Path<ImportId>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let job = db.tenant_tx(&permit, async |tx| import::get_import(&permit, &mut tx.crm(), id).await).await?;
    let Some(survey) = job.state.survey() else {
        return Err(Problem::not_found("error file: no row of the file was read").into());
    };
    let file = ErrorFile {
        db,
        permit,
        import: id,
        headers: survey.headers.clone(),
        delimiter: survey.delimiter,
        after: None,
    };
    let pieces = try_unfold(file, |mut file| async { Ok(file.next().await?.map(|piece| (piece, file))) });
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"errors.csv\""))
        .streaming::<_, Problem>(pieces))
}

struct ErrorFile {
    db: Data<Db>,
    permit: Permit<CreateClient>,
    import: ImportId,
    headers: Vec<String>,
    delimiter: char,
    // The last row that was sent; `None` if not even the header was sent.
    after: Option<u32>,
}

impl ErrorFile {
    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let (import, after) = (self.import, self.after.unwrap_or_default());
        let rows = self.db.tenant_tx(&self.permit, async |tx: &mut TenantTx| {
            Ok::<_, UseCaseError>(tx.crm().import_refused_list(import, after, STRETCH).await?)
        });
        let rows = rows.await?;
        if rows.is_empty() && self.after.is_some() {
            return Ok(None);
        }
        let mut piece = self.written(&rows)?;
        if self.after.is_some() {
            // The header was sent with the first rows.
            piece.drain(..self.written(&[])?.len());
        }
        self.after = Some(rows.last().map_or(u32::MAX, |row| row.number));
        Ok(Some(piece.into()))
    }

    fn written(&self, rows: &[RefusedRow]) -> Result<Vec<u8>, Problem> {
        let mut csv = Vec::new();
        error_csv(&mut csv, &self.headers, self.delimiter, rows).map_err(Problem::internal)?;
        Ok(csv)
    }
}
