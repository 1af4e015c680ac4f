//! The mail provider's tab: the list of mails, the reading pane, the failure switches.

use crate::providers::Tab;

/// The tab, which shows the address of the mail server.
pub(super) fn tab(smtp_port: u16) -> Tab {
    Tab {
        slug: "mail",
        title: "Mail",
        panel: include_str!("tab.html").replace("{smtp_port}", &smtp_port.to_string()).into(),
        style: include_str!("tab.css"),
        script: include_str!("tab.js"),
    }
}
