//! The providers of the shared state: one folder module a provider.
//!
//! A new provider brings a module in here, a type that is a [`Provider`], and a line in [`open`]. Its
//! tab appears on the page by itself; a provider that does not exist has none.

mod mail;

use crate::{Options, shared::Shared};
use actix_web::web::ServiceConfig;
use std::{borrow::Cow, io, net::TcpListener, sync::Arc};

/// A provider, or a kind of provider, as the rest of the shared state sees it.
pub(crate) trait Provider: Send + Sync {
    /// What the page shows of it.
    fn tab(&self) -> Tab;
    /// Registers its routes, all of them below `/<slug>`.
    fn routes(&self, config: &mut ServiceConfig);
}

/// A provider's part of the page.
#[derive(Debug, Clone)]
pub(crate) struct Tab {
    /// First segment of the provider's paths, and the page's fragment: `mail`.
    pub(crate) slug: &'static str,
    /// What the tab is called.
    pub(crate) title: &'static str,
    /// HTML of the panel below the tab.
    pub(crate) panel: Cow<'static, str>,
    /// Styles of the panel.
    pub(crate) style: &'static str,
    /// A classic script that brings the panel to life; `sandbox` is what the shell offers.
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
