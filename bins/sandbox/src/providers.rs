//! The providers of the sandbox: one folder module per provider.
//!
//! A new provider needs a module here, a type that is a [`Provider`], and an entry in [`open`]. Its tab then
//! appears on the page.

mod mail;

use crate::{Options, shared::Shared};
use actix_web::web::ServiceConfig;
use std::{borrow::Cow, io, net::TcpListener, sync::Arc};

/// A provider, or a kind of provider, as the rest of the sandbox sees it.
pub(crate) trait Provider: Send + Sync {
    /// The provider's part of the page.
    fn tab(&self) -> Tab;
    /// Registers the provider's routes, all of them below `/<slug>`.
    fn routes(&self, config: &mut ServiceConfig);
}

/// A provider's part of the page.
#[derive(Debug, Clone)]
pub(crate) struct Tab {
    /// The first segment of the provider's paths, and the page's fragment: `mail`.
    pub(crate) slug: &'static str,
    /// The title of the tab.
    pub(crate) title: &'static str,
    /// The HTML of the panel below the tab.
    pub(crate) panel: Cow<'static, str>,
    /// The styles of the panel.
    pub(crate) style: &'static str,
    /// A classic script for the panel; `sandbox` is the interface of the shell.
    pub(crate) script: &'static str,
}

/// Opens all providers; their listeners serve on the runtime that this is called in.
pub(crate) fn open(
    options: &Options,
    shared: &Arc<Shared>,
    smtp: TcpListener,
) -> io::Result<Vec<Arc<dyn Provider>>> {
    Ok(vec![Arc::new(mail::MailProvider::open(options, shared, smtp)?)])
}
