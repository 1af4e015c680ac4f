//! The contract, generated from the code.
//!
//! A handler states what is special about its operation. What applies to all operations is added here:
//! problems as the response to every failure, the denials that the shared layers answer with, bearer tokens
//! unless an operation is public, `Idempotency-Key` on commands, examples of bodies, and descriptions of tags
//! and of responses that have none. A field of an answer is required: one without a value is null.

use crate::{denials, examples::Examples};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use tryzore_kernel::Problem;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, ContentBuilder, HeaderBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref,
        RefOr, Required, ResponseBuilder, Schema, ServerBuilder,
        extensions::Extensions,
        path::{HttpMethod, Operation, ParameterBuilder, ParameterIn, PathItem},
        schema::{ArrayItems, ObjectBuilder, Type},
        security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
        tag::TagBuilder,
    },
};

/// The extension that names the permission of an operation; `public` when the operation requires none.
pub const PERMISSION: &str = "x-permission";

/// The extension of a POST whose response is not stored for an `Idempotency-Key`, because the response holds a
/// secret or because sending the request twice has no further effect: `none`.
pub const IDEMPOTENCY: &str = "x-idempotency";

// What the contract says about denials as a whole.
const DENIALS: &str = "A rule that refuses answers with a denial. `x-denials` of an operation lists the codes that it \
    can answer with; `x-denials` of this document lists those of every operation. `/problems` says what they mean.";

// The header that holds the version which the caller read, and the form of versions.
const IF_MATCH: &str = "If-Match";
const VERSION: &str = "^\"v[0-9]{1,9}\"$";

/// The description of each tag. The validation of the contracts fails for a tag without one.
const TAGS: [(&str, &str); 23] = [
    ("api keys", "Keys by which other services call this API."),
    ("attendance", "Starting and completing events, check-ins, no-shows and bookings on behalf of clients."),
    ("audit", "The audit trail: who did what, when and from where."),
    ("auth", "Signing in and out, sessions, passwords and the signed-in user."),
    ("clients", "The clients of a tenant, their data and their history."),
    ("decisions", "Why something was accepted or refused."),
    ("event series", "Recurring events."),
    ("event templates", "Templates that events are created from."),
    ("events", "The schedule and bookings."),
    ("imports", "Importing clients from files."),
    ("me", "The data of the signed-in client."),
    ("onboarding", "Opening a tenant, step by step."),
    ("organizations", "Locations with their booking rules and opening hours."),
    ("overrides", "Rules that are set aside by hand: with a preview, a reason and a second person."),
    ("platform", "What the operators of the platform see and do across tenants."),
    ("roles", "Roles, permissions and overrides."),
    ("rooms", "The rooms of locations, in which events take place."),
    ("second factors", "What people have besides their password, and what a tenant requires of it."),
    ("single sign-on", "Signing in by the provider of a tenant's own company."),
    ("staff", "Employees, their roles and invitations."),
    ("stream", "Domain events as they happen."),
    ("support access", "What operators of the platform ask to see of a tenant, and what the tenant decides."),
    ("waitlist", "The waitlists of full events."),
];

/// An empty contract for the service `title`.
#[must_use]
pub fn start(title: &str, description: &str) -> OpenApi {
    let license = LicenseBuilder::new().name("Proprietary").build();
    let description = format!("{description}\n\n{DENIALS}");
    let info =
        InfoBuilder::new().title(title).version("v1").description(Some(description)).license(Some(license));
    let server =
        ServerBuilder::new().url("/").description(Some("The service that serves this contract")).build();
    OpenApiBuilder::new().info(info).servers(Some([server])).build()
}

/// Adds what applies to every operation.
#[must_use]
pub fn complete(mut api: OpenApi) -> OpenApi {
    let components = api.components.get_or_insert_with(Components::new);
    let mut schemas = Vec::new();
    <Problem as ToSchema>::schemas(&mut schemas);
    components.schemas.extend(schemas);
    components.schemas.insert("Problem".into(), problem());
    components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let versioned: BTreeSet<String> = components
        .schemas
        .iter()
        .filter(|(_, schema)| has_version(schema, &components.schemas))
        .map(|(name, _)| name.clone())
        .collect();
    let mut operations: Vec<_> = api.paths.paths.values_mut().flat_map(operations).collect();
    let examples = Examples::of(components);
    let asked = examples.of_requests(operations.iter().map(|(_, operation)| &**operation));
    for (name, schema) in &mut components.schemas {
        if !asked.contains(name) && name != "Problem" {
            require_all(schema);
        }
    }
    let mut tags = BTreeSet::new();
    for (method, operation) in &mut operations {
        finish(method, operation);
        tag_versions(operation, &versioned);
        examples.add(operation);
        tags.extend(operation.tags.iter().flatten().cloned());
    }
    let described = TAGS.iter().filter(|(name, _)| tags.contains(*name));
    let described =
        described.map(|(name, text)| TagBuilder::new().name(*name).description(Some(*text)).build());
    api.tags = Some(described.collect());
    let shared = Extensions::builder().add(denials::DECLARED, json!(denials::SHARED)).build();
    api.extensions.get_or_insert_default().merge(shared);
    api
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    let methods = [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Patch, &mut item.patch),
        (HttpMethod::Delete, &mut item.delete),
    ];
    methods.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

// An answer has all of its fields: one without a value is null. Only a problem leaves out what it does not have.
fn require_all(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => {
            object.required = object.properties.keys().cloned().collect();
            object.properties.values_mut().for_each(require_all);
        }
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                require_all(items);
            }
        }
        Schema::OneOf(one) => one.items.iter_mut().for_each(require_all),
        Schema::AllOf(all) => all.items.iter_mut().for_each(require_all),
        Schema::AnyOf(any) => any.items.iter_mut().for_each(require_all),
        _ => {}
    }
}

// The fields that this crate adds to a problem when it sends one.
fn problem() -> RefOr<Schema> {
    let mut schema = Problem::schema();
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        let text =
            |description| ObjectBuilder::new().schema_type(Type::String).description(Some(description));
        let kind = text(
            "For a denial, the page that says what it means: `/problems#` and the code. Otherwise `about:blank`: \
             `code` says which problem it is",
        )
        .examples(["/problems#events.book.full"]);
        let trace = text(
            "The id of the request, as in `X-Request-Id`; the log of the service has it next to the cause",
        )
        .examples(["4bf92f3577b34da6a3ce929d0e0e4736"]);
        object.properties.insert("type".into(), kind.into());
        object.properties.insert("trace_id".into(), trace.into());
        object.required.push("type".into());
    }
    schema
}

// Whether a view has a version, which its answers then carry as `ETag`.
fn has_version(schema: &RefOr<Schema>, all: &BTreeMap<String, RefOr<Schema>>) -> bool {
    match schema {
        RefOr::Ref(reference) => named(reference, all).is_some_and(|schema| has_version(schema, all)),
        RefOr::T(Schema::Object(object)) => object.properties.contains_key("version"),
        RefOr::T(Schema::AllOf(parts)) => parts.items.iter().any(|part| has_version(part, all)),
        RefOr::T(_) => false,
    }
}

fn named<'a>(reference: &Ref, all: &'a BTreeMap<String, RefOr<Schema>>) -> Option<&'a RefOr<Schema>> {
    all.get(reference.ref_location.rsplit('/').next()?)
}

// The answers of `operation` whose body is one of `versioned` have an ETag.
fn tag_versions(operation: &mut Operation, versioned: &BTreeSet<String>) {
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else { continue };
        let body = match response.content.get("application/json") {
            Some(RefOr::T(content)) => content.schema.as_ref(),
            _ => None,
        };
        if let Some(RefOr::Ref(body)) = body
            && body.ref_location.rsplit('/').next().is_some_and(|name| versioned.contains(name))
        {
            let version = ObjectBuilder::new().schema_type(Type::String).pattern(Some(VERSION)).build();
            let header =
                HeaderBuilder::new().schema(Some(version)).description(Some("The version, for `If-Match`"));
            response.headers.insert("ETag".into(), header.build().into());
        }
    }
}

// What a successful response with this status means.
fn success(status: &str) -> &'static str {
    match status {
        "201" => "Created",
        "202" => "Accepted; the work continues in the background",
        "204" => "Success; the response has no body",
        _ => "Success",
    }
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
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            response.description = success(status).into();
        }
    }
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let failed = ResponseBuilder::new()
        .description("A problem (RFC 9457): why the request failed, and what would change that")
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
            .description(Some(
                "A request that is sent again with the same key and body returns the first response",
            ))
            .schema(Some(
                ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255)),
            ));
        operation.parameters.get_or_insert_default().push(key.build().into());
    }
}
