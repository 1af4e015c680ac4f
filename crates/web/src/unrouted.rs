//! The answer to a request that no operation takes: 404 for a path that leads nowhere, 405 with
//! the methods that it takes for one that does.

use crate::ApiError;
use actix_web::{HttpRequest, HttpResponse, ResponseError, dev::ResourceDef, http::header, web::Data};
use tryzore_kernel::Problem;
use utoipa::openapi::OpenApi;

/// The paths of the contract, with the methods that each takes.
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
            let taken: Vec<_> =
                methods.iter().filter(|(_, operation)| operation.is_some()).map(|(m, _)| *m).collect();
            (ResourceDef::new(path.as_str()), taken.join(", "))
        });
        Self(paths.collect())
    }
}

pub(crate) async fn answer(request: HttpRequest) -> HttpResponse {
    let paths = request.app_data::<Data<Paths>>();
    let taken = paths.and_then(|paths| paths.0.iter().find(|(path, _)| path.is_match(request.path())));
    let Some((_, methods)) = taken else {
        return ApiError::from(Problem::not_found("operation")).error_response();
    };
    let detail = format!("this path takes {methods}");
    let problem = Problem::new(405, "request.method", "This method is not taken here", detail);
    let mut response = ApiError::from(problem).error_response();
    if let Ok(allow) = methods.parse() {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}
