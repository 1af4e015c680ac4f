//! The contract, generated from the code.
//!
//! A handler describes what is special about its operation. What all operations have in common is added
//! here: problems as the answer to every failure, bearer tokens unless an operation is public, and
//! `Idempotency-Key` on commands.

use serde_json::json;
use tryzore_kernel::Problem;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
        Required, ResponseBuilder, Schema,
        path::{HttpMethod, Operation, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
        security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
    },
};

/// The extension with the permission of an operation; `public` if it requires none.
pub const PERMISSION: &str = "x-permission";

/// The extension of a POST whose first answer is not stored, because the answer contains a secret or the
/// request can be repeated without harm: `none`.
pub const IDEMPOTENCY: &str = "x-idempotency";

// The header `If-Match`, and the pattern of versions.
const IF_MATCH: &str = "If-Match";
const VERSION: &str = "^\"v[0-9]{1,9}\"$";

/// An empty contract for the service `title`.
#[must_use]
pub fn start(title: &str, description: &str) -> OpenApi {
    let license = LicenseBuilder::new().name("Proprietary").build();
    let info =
        InfoBuilder::new().title(title).version("v1").description(Some(description)).license(Some(license));
    OpenApiBuilder::new().info(info).build()
}

/// Adds what all operations have in common.
#[must_use]
pub fn complete(mut api: OpenApi) -> OpenApi {
    let components = api.components.get_or_insert_with(Components::new);
    let mut schemas = Vec::new();
    <Problem as ToSchema>::schemas(&mut schemas);
    components.schemas.extend(schemas);
    components.schemas.insert("Problem".into(), problem());
    components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    for item in api.paths.paths.values_mut() {
        let operations = [
            (HttpMethod::Get, &mut item.get),
            (HttpMethod::Post, &mut item.post),
            (HttpMethod::Put, &mut item.put),
            (HttpMethod::Patch, &mut item.patch),
            (HttpMethod::Delete, &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                finish(&method, operation);
            }
        }
    }
    api
}

// The schema of a problem, with the fields that are added to an answer.
fn problem() -> RefOr<Schema> {
    let mut schema = Problem::schema();
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        let text =
            |description| ObjectBuilder::new().schema_type(Type::String).description(Some(description));
        let kind = text("Always `about:blank`: `code` says which problem it is").examples(["about:blank"]);
        let trace = text("The id of the request, as in `X-Request-Id`; our log has it next to the cause")
            .examples(["4bf92f3577b34da6a3ce929d0e0e4736"]);
        object.properties.insert("type".into(), kind.into());
        object.properties.insert("trace_id".into(), trace.into());
        object.required.push("type".into());
    }
    schema
}

fn finish(method: &HttpMethod, operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && parameter.name == IF_MATCH
        {
            let version = ObjectBuilder::new().schema_type(Type::String).pattern(Some(VERSION));
            parameter.schema = Some(version.examples(["\"v1\""]).into());
        }
    }
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let failed = ResponseBuilder::new()
        .description("A problem (RFC 9457): what failed, and what would change it")
        .content("application/problem+json", problem);
    operation.responses.responses.insert("default".into(), failed.build().into());
    let permission = operation.extensions.as_ref().and_then(|extensions| extensions.get(PERMISSION).cloned());
    if permission == Some(json!("public")) {
        return;
    }
    operation.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    let keeps_none = operation.extensions.as_ref().is_some_and(|all| all.contains_key(IDEMPOTENCY));
    if matches!(method, HttpMethod::Post) && !keeps_none {
        let key = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some("Sent again with the same key and body, the request returns its first answer"))
            .schema(Some(
                ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255)),
            ));
        operation.parameters.get_or_insert_default().push(key.build().into());
    }
}
