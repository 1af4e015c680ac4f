//! The rooms of the city: one folder module a provider.
//!
//! A new room brings a module in here, a type that is a [`Room`], and a line in [`open`]. Its
//! tab appears on the page by itself; a room that does not exist has none.

mod mail;

use crate::{Options, city::City};
use actix_web::web::ServiceConfig;
use std::{borrow::Cow, io, net::TcpListener, sync::Arc};

/// A provider, or a kind of provider, as the rest of the city sees it.
pub(crate) trait Room: Send + Sync {
    /// What the page shows of it.
    fn tab(&self) -> Tab;
    /// Registers its routes, all of them below `/<slug>`.
    fn routes(&self, config: &mut ServiceConfig);
}

/// A room's part of the page.
#[derive(Debug, Clone)]
pub(crate) struct Tab {
    /// First segment of the room's paths, and the page's fragment: `mail`.
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

/// Opens all rooms; their listeners serve on the runtime that this is called in.
pub(crate) fn open(options: &Options, city: &Arc<City>, smtp: TcpListener) -> io::Result<Vec<Arc<dyn Room>>> {
    Ok(vec![Arc::new(mail::MailRoom::open(options, city, smtp)?)])
}
