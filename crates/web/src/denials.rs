//! The denials: which codes an operation can answer with, and what each of them means.
//!
//! The catalogue is `docs/denials.md`, which is compiled in and served as a page at [`PAGE`]. An operation declares
//! its own codes in its contract ([`DECLARED`]); those of [`SHARED`] stand at the root of the contract.
//!
//! **Invariant:** an operation answers with no code that it does not declare, and a denial of the catalogue names no
//! other fact than its row has, and no operation that the contracts do not have. Where debug assertions are compiled in, so in every
//! test, an answer that breaks this is a panic; otherwise it is an error in the log, and the caller gets the answer.

use crate::ApiError;
use actix_web::{
    Error, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    get,
    http::{Method, header},
    middleware::Next,
    web::Data,
};
use std::{collections::HashMap, fmt::Write, sync::LazyLock};
use tryzore_kernel::Denial;
use utoipa::openapi::{OpenApi, path::Operation};

/// The extension that lists the denial codes of an operation, and at the root those of every operation.
pub const DECLARED: &str = "x-denials";

/// Where the catalogue is served. The `type` of a problem with a denial is this path and the code as its fragment.
pub const PAGE: &str = "/problems";

/// The codes with which the shared layers answer, whichever operation is called.
pub const SHARED: [&str; 19] = [
    "auth.acting.ended",
    "auth.acting.read_only",
    "auth.api_key.expired",
    "auth.api_key.issuer_gone",
    "auth.api_key.rejected",
    "auth.api_key.revoked",
    "auth.factor.enrollment_required",
    "auth.factor.step_up_required",
    "auth.person_required",
    "auth.session.expired",
    "auth.session.no_membership",
    "auth.session.revoked",
    "auth.token.expired",
    "auth.token.rejected",
    "auth.user.deactivated",
    "rbac.operator.required",
    "rbac.permission.missing",
    "request.too_often",
    "tenants.suspended",
];

const CATALOGUE: &str = include_str!("../../../docs/denials.md");
const OPERATIONS: &str = include_str!("../../../docs/openapi/operations.txt");

/// A row of the catalogue: what it means, the facts and the remedy, in the marks of the document.
struct Entry {
    means: &'static str,
    facts: &'static str,
    remedy: &'static str,
}

static ENTRIES: LazyLock<HashMap<&str, Entry>> =
    LazyLock::new(|| CATALOGUE.lines().filter_map(row).collect());

/// The code and the rest of a row of a table; `None` for any other line.
fn row(line: &'static str) -> Option<(&'static str, Entry)> {
    let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
    let code = cells.next()?.strip_suffix('`')?;
    Some((code, Entry { means: cells.next()?, facts: cells.next()?, remedy: cells.next()? }))
}

/// The codes that each operation of a contract declares, by method and path.
#[derive(Default)]
pub(crate) struct Declared(HashMap<(Method, String), Vec<String>>);

impl Declared {
    pub(crate) fn of(contract: &OpenApi) -> Self {
        let operations = contract.paths.paths.iter().flat_map(|(path, item)| {
            let methods = [
                (Method::GET, &item.get),
                (Method::POST, &item.post),
                (Method::PUT, &item.put),
                (Method::PATCH, &item.patch),
                (Method::DELETE, &item.delete),
            ];
            methods.into_iter().filter_map(move |(method, operation)| {
                Some(((method, path.clone()), codes(operation.as_ref()?)))
            })
        });
        Self(operations.collect())
    }

    /// What is wrong with `denial` as the answer of the operation at `path`.
    fn fault(&self, method: &Method, path: &str, denial: &Denial) -> Option<String> {
        let own = self.0.get(&(method.clone(), path.to_owned()));
        let code = &*denial.code;
        if !SHARED.contains(&code) && !own.is_some_and(|own| own.iter().any(|one| one == code)) {
            return Some(format!("{method} {path} answers with `{code}`, which its `{DECLARED}` lacks"));
        }
        // The code of another product that has operations beside these.
        let entry = ENTRIES.get(code)?;
        let has = |name: &str| entry.facts.split(", ").any(|fact| fact.trim_matches('`') == name);
        if let Some(unknown) = denial.because.iter().find(|fact| !has(&fact.fact)) {
            return Some(format!("docs/denials.md lacks the fact `{}` of `{code}`", unknown.fact));
        }
        let action = denial.remedy.as_ref().and_then(|remedy| remedy.action.as_deref())?;
        let is_operation = OPERATIONS.lines().any(|line| line.split(' ').next() == Some(action));
        (!is_operation).then(|| format!("the remedy of `{code}` names `{action}`, which is no operation"))
    }
}

/// The codes that `operation` declares.
fn codes(operation: &Operation) -> Vec<String> {
    let declared = operation.extensions.as_ref().and_then(|all| all.get(DECLARED)?.as_array());
    declared.into_iter().flatten().filter_map(|code| code.as_str().map(String::from)).collect()
}

/// Checks the denial of an answer, if there is one.
pub(crate) async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let response = next.call(request).await?;
    let error = response.response().error().and_then(|error| error.as_error::<ApiError>());
    if let Some(denial) = error.and_then(|error| error.problem().denial.as_deref()) {
        let request = response.request();
        let declared = request.app_data::<Data<Declared>>();
        if let (Some(declared), Some(path)) = (declared, request.match_pattern()) {
            let fault = declared.fault(request.method(), &path, denial);
            if let Some(fault) = &fault {
                tracing::error!(fault, "a denial is not what the contract says");
            }
            debug_assert!(fault.is_none(), "{fault:?}");
        }
    }
    Ok(response)
}

/// The catalogue as a page.
#[get("/problems")]
pub(crate) async fn page() -> HttpResponse {
    static HTML: LazyLock<String> = LazyLock::new(html);
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"))
        .body(HTML.as_str())
}

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The denials</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
h3 { margin: 2rem 0 .25rem } h3 a { color: inherit; text-decoration: none } p { margin: .25rem 0 }
:target { background: color-mix(in srgb, Highlight 25%, transparent) }
</style>
<h1>The denials</h1>
<p>What a rule of the product can answer, and what changes it. The code is <code>code</code> of the problem.</p>
"#;

fn html() -> String {
    let mut html = String::from(HEAD);
    for line in CATALOGUE.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            let _ = writeln!(html, "<h2>{}</h2>", marked(title));
        }
        let Some((code, Entry { means, facts, remedy })) = row(line) else { continue };
        let _ = writeln!(html, "<h3 id=\"{code}\"><a href=\"#{code}\"><code>{code}</code></a></h3>");
        let _ = writeln!(html, "<p>{}</p>\n<p>What changes it: {}</p>", marked(means), marked(remedy));
        if !facts.is_empty() {
            let _ = writeln!(html, "<p>Facts: {}</p>", marked(facts));
        }
    }
    html
}

/// A text of the document in HTML: code between backticks.
fn marked(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let parts = escaped.split('`').enumerate();
    parts.map(|(n, part)| if n % 2 == 0 { part.to_owned() } else { format!("<code>{part}</code>") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> Declared {
        let own = ["events.book.full", "events.unheard_of"].map(String::from);
        Declared(HashMap::from([((Method::POST, "/book".to_owned()), own.to_vec())]))
    }

    fn fault(denial: &Denial) -> Option<String> {
        declared().fault(&Method::POST, "/book", denial)
    }

    #[test]
    fn an_operation_answers_with_the_codes_that_it_declares_and_the_shared_ones() {
        let full = Denial::state("events.book.full").because("event.spots_total", 20);
        assert_eq!(fault(&full.clone().remedy("Wait.", Some("join_waitlist"))), None);
        assert_eq!(fault(&Denial::state("request.too_often")), None);
        let started = fault(&Denial::state("events.book.started")).unwrap();
        assert!(started.contains("POST /book answers with `events.book.started`"), "{started}");
        assert!(declared().fault(&Method::GET, "/book", &full).is_some(), "another operation");
    }

    #[test]
    fn codes_facts_and_actions_are_those_of_the_catalogue_and_the_contracts() {
        let told = |denial: &Denial| fault(denial).unwrap();
        let own = Denial::state("events.unheard_of").because("event.color", "red");
        assert_eq!(fault(&own), None, "it is declared, and has no row");
        let full = Denial::state("events.book.full");
        assert!(told(&full.clone().because("event.color", "red")).contains("the fact `event.color`"));
        let wait = full.remedy("Wait.", Some("wait_a_while"));
        assert!(told(&wait).contains("`wait_a_while`, which is no operation"));
        assert!(SHARED.iter().all(|code| ENTRIES.contains_key(code)) && SHARED.is_sorted());
    }

    #[test]
    fn the_page_has_an_anchor_for_each_code() {
        let html = html();
        assert!(ENTRIES.len() > 100, "{}", ENTRIES.len());
        assert!(ENTRIES.keys().all(|code| html.contains(&format!("<h3 id=\"{code}\">"))));
        assert!(html.contains("Join the waitlist (<code>join_waitlist</code>; staff:"));
        assert_eq!(marked("<a> & `b`"), "&lt;a&gt; &amp; <code>b</code>");
    }
}
