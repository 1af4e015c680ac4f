//! The answer to a request for which there is no operation: 404 for an unknown path, 405 with the
//! allowed methods for a known one.

use crate::ApiError;
use actix_web::{HttpRequest, HttpResponse, dev::ResourceDef, web::Data};
use tryzore_kernel::Problem;
use utoipa::openapi::OpenApi;

/// The paths of the contract, with the methods of each.
pub(crate) struct Paths(Vec<(ResourceDef, String)>);

impl Paths {
    pub(crate) fn of(contract: &OpenApi) -> Self {
        let paths = contract.paths.paths.iter().map(|(path, item)| {
            let methods = [
                ("GET", &item.get),
                ("POST", &item.post),
                ("PUT", &item.put),
                ("PATCH", &item.patch),
                ("DELETE", &item.delete),
            ];
            let taken: Vec<_> = methods
                .iter()
                .filter(|(_, operation)| operation.is_some())
                .map(|(method, _)| if *method == "GET" { "GET, HEAD" } else { *method })
                .collect();
            (ResourceDef::new(path.as_str()), taken.join(", "))
        });
        Self(paths.collect())
    }
}

pub(crate) async fn answer(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let paths = request.app_data::<Data<Paths>>();
    let taken = paths.and_then(|paths| paths.0.iter().find(|(path, _)| path.is_match(request.path())));
    Err(taken
        .map_or_else(|| Problem::not_found("operation").into(), |(_, methods)| ApiError::method(methods)))
}

/// The refusal of a request whose path, such as `/events/import`, was matched with that of another
/// operation, `/events/{event_id}`, because only that one has the method.
pub(crate) fn mistaken(request: &HttpRequest) -> Option<ApiError> {
    let paths = request.app_data::<Data<Paths>>()?;
    let own = paths.0.iter().find(|(path, _)| path.pattern() == Some(request.path()))?;
    Some(ApiError::method(&own.1))
}
