//! The services of this product: what each is called, where it listens, as whom it connects, what it is told.

use super::{GRACE, Launch};
use crate::cluster::Cluster;
use crate::workspace::Workspace;

/// A program of `bins/`.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// Its name and folder; the package and the program are `tryzore-<name>`.
    pub name: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// The port of its HTTP server.
    pub port: u16,
    /// Other ports that it listens on.
    pub other_ports: &'static [u16],
    /// Its login in the database, if it uses one.
    pub role: Option<&'static str>,
}

/// The mail port of the sandbox.
pub const SMTP: u16 = 2525;

/// Seals the keys that sign access tokens; the same for both APIs.
const KEY_ENCRYPTION_KEY: &str = "TRYZORE__AUTH__KEY_ENCRYPTION_KEY";

/// The pages that may call the APIs.
const ORIGINS: &str = "TRYZORE__HTTP__ORIGINS";

/// Where the usual tools serve pages that are being developed: Next.js, Angular, Vite, and Metro when it
/// leaves its own port, 8081, to app-api.
fn development_origins() -> String {
    let hosts = ["http://localhost", "http://127.0.0.1"];
    let at = |port| hosts.map(|host| format!("{host}:{port}")).join(",");
    [3000, 4200, 5173, 8088].map(at).join(",")
}

/// In the order of their start: the outside world first.
pub const SERVICES: [Service; 5] = [
    Service {
        name: "sandbox",
        purpose: "the providers: mail so far",
        port: 8090,
        other_ports: &[SMTP],
        role: None,
    },
    Service {
        name: "crm-api",
        purpose: "employees, owners, operators",
        port: 8080,
        other_ports: &[],
        role: Some("tryzore_crm_api"),
    },
    Service {
        name: "app-api",
        purpose: "clients, the mobile app",
        port: 8081,
        other_ports: &[],
        role: Some("tryzore_app_api"),
    },
    Service {
        name: "webhook-ingest",
        purpose: "what providers send us",
        port: 8082,
        other_ports: &[],
        role: Some("tryzore_ingest"),
    },
    Service {
        name: "worker",
        purpose: "jobs and schedules; health and metrics",
        port: 8083,
        other_ports: &[],
        role: Some("tryzore_worker"),
    },
];

impl Service {
    /// How to start it against a database.
    pub fn launch(&self, workspace: &Workspace, cluster: &Cluster, release: bool) -> anyhow::Result<Launch> {
        let mut environment = Vec::new();
        let mut tell = |name: &str, value: String| environment.push((name.to_owned(), value));
        if self.name == "sandbox" {
            tell("TRYZORE__SANDBOX__HTTP_PORT", self.port.to_string());
            tell("TRYZORE__SANDBOX__SMTP_PORT", SMTP.to_string());
        } else {
            tell("TRYZORE__HTTP__PORT", self.port.to_string());
            // Requests under way are let finish, and all of that before the supervisor's patience ends.
            tell("TRYZORE__HTTP__DRAIN_SECONDS", (GRACE.as_secs() - 2).to_string());
            // Everyone on a laptop comes from one address.
            tell("TRYZORE__HTTP__LIMITS__PER_ADDRESS", "6000".to_owned());
            tell("TRYZORE__MAIL__URL", format!("smtp://127.0.0.1:{SMTP}"));
        }
        if self.name.ends_with("-api") && std::env::var_os(ORIGINS).is_none() {
            tell(ORIGINS, development_origins());
        }
        if self.name.ends_with("-api") && std::env::var_os(KEY_ENCRYPTION_KEY).is_none() {
            tell(KEY_ENCRYPTION_KEY, cluster.key_encryption_key()?.to_owned());
        }
        if let Some(role) = self.role {
            tell("TRYZORE__DATABASE__URL", cluster.url(role, cluster.database())?);
        }
        Ok(Launch {
            name: self.name.to_owned(),
            program: workspace.programs(release).join(format!("tryzore-{}", self.name)),
            arguments: Vec::new(),
            environment,
            port: self.port,
            other_ports: self.other_ports.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::roles::LOGINS;
    use std::collections::BTreeSet;

    #[test]
    fn pages_in_development_are_allowed_to_the_letter() {
        let origins = development_origins();
        let origins: Vec<_> = origins.split(',').collect();
        assert!(origins.contains(&"http://localhost:3000") && origins.contains(&"http://127.0.0.1:5173"));
        assert!(origins.iter().all(|origin| !origin.ends_with('/') && !origin.contains(' ')), "{origins:?}");
    }

    #[test]
    fn every_port_is_used_once_and_every_login_by_one_service() {
        let ports: Vec<u16> =
            SERVICES.iter().flat_map(|one| one.other_ports.iter().copied().chain([one.port])).collect();
        assert_eq!(ports.iter().collect::<BTreeSet<_>>().len(), ports.len());
        let used: Vec<_> = SERVICES.iter().filter_map(|one| one.role).collect();
        assert_eq!(used, LOGINS.map(|login| login.role));
    }
}
