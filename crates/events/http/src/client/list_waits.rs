//! `GET /waits`: the waitlists that a client is on.

use actix_web::{get, web::Data};
use tryzore_events::permission::BookEvent;
use tryzore_events_postgres::Events;
use tryzore_events_postgres::views::mine::{MyWait, my_waits};
use tryzore_kernel::Page;
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Listed};

/// List my waitlist entries
///
/// The waitlists that you are on, the next event first, with your position on each. All entries are on one
/// page.
#[utoipa::path(
    operation_id = "list_my_waitlist_entries",
    tag = "waitlist",
    responses((status = 200, body = Page<MyWait>)),
    extensions(("x-permission" = json!("own.book")))
)]
#[get("/waits")]
pub(super) async fn list_waits(
    Allow(permit): Allow<BookEvent>,
    db: Data<Db>,
) -> Result<Listed<MyWait>, ApiError> {
    let data = db.tenant_tx(&permit, async |tx| my_waits(&permit, &mut tx.events()).await).await?;
    Ok(Listed::whole(data))
}
