//! The page: one HTML document that the server assembles from the shell and the providers' tabs, with its styles
//! and its script inside. It loads nothing from other origins.
//!
//! **Invariant.** A mail is shown in a frame that may run no script; the page's own policy, which the frame
//! inherits, allows only one script by its hash and images only from the sandbox. So a mail can neither run
//! code nor contact other servers.

use crate::providers::{Provider, Tab};
use actix_web::{HttpResponse, http::header, web};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use std::{fmt::Write, sync::Arc};

const SHELL: &str = include_str!("page/shell.html");
const STYLE: &str = include_str!("page/shell.css");
const SCRIPT: &str = include_str!("page/shell.js");

/// The document and the policy that goes with it.
pub(crate) struct Page {
    html: String,
    policy: String,
}

impl Page {
    /// The page with a tab for each of `providers`, the first one open.
    pub(crate) fn of(providers: &[Arc<dyn Provider>]) -> Self {
        let tabs: Vec<Tab> = providers.iter().map(|provider| provider.tab()).collect();
        let (mut strip, mut panels) = (String::new(), String::new());
        let (mut style, mut script) = (STYLE.to_owned(), SCRIPT.to_owned());
        for Tab { slug, title, panel, style: its_style, script: its_script } in tabs {
            // Writing to a String cannot fail.
            let _ = write!(
                strip,
                r#"<button role="tab" id="tab-{slug}" aria-controls="{slug}">{title}</button>"#
            );
            let _ = write!(
                panels,
                r#"<section role="tabpanel" id="{slug}" aria-labelledby="tab-{slug}" hidden>{panel}</section>"#
            );
            style.push_str(its_style);
            let _ = write!(script, "(() => {{\n{its_script}\n}})();\n");
        }
        script.push_str("sandbox.start();\n");
        let hash = STANDARD.encode(Sha256::digest(script.as_bytes()));
        let html = SHELL
            .replace("/*STYLE*/", &style)
            .replace("<!--TABS-->", &strip)
            .replace("<!--PANELS-->", &panels)
            .replace("/*SCRIPT*/", &script);
        let policy = format!(
            "default-src 'none'; script-src 'sha256-{hash}'; style-src 'unsafe-inline'; img-src 'self' data:; \
             connect-src 'self'; frame-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
        );
        Self { html, policy }
    }
}

/// Serves the page at `/`.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/").get(show));
}

async fn show(page: web::Data<Page>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, page.policy.clone()))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(page.html.clone())
}
