//! The services of this product: their names, ports, logins and settings.

use super::{GRACE, Launch};
use crate::cluster::Cluster;
use crate::workspace::Workspace;
use std::net::TcpListener;

/// A program of `bins/`.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// The name and folder; the package and the program are `tryzore-<name>`.
    pub name: &'static str,
    /// A short description.
    pub purpose: &'static str,
    /// The port of the HTTP server.
    pub port: u16,
    /// Other ports that it listens on.
    pub other_ports: &'static [u16],
    /// The login in the database, if the service uses one.
    pub role: Option<&'static str>,
}

/// The mail port of the sandbox.
pub const SMTP: u16 = 2525;

/// Encrypts the keys that sign access tokens; the same for both APIs.
const KEY_ENCRYPTION_KEY: &str = "TRYZORE__AUTH__KEY_ENCRYPTION_KEY";

/// The origins that may call the APIs.
const ORIGINS: &str = "TRYZORE__HTTP__ORIGINS";

/// The default origins of development servers: Next.js, Angular, Vite, and Metro on another port than its
/// default 8081, which app-api uses.
fn development_origins() -> String {
    let hosts = ["http://localhost", "http://127.0.0.1"];
    let at = |port| hosts.map(|host| format!("{host}:{port}")).join(",");
    [3000, 4200, 5173, 8088].map(at).join(",")
}

/// In the order of their start: the sandbox first.
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

/// The ports of the services of one run.
#[derive(Debug, Clone)]
pub struct Ports {
    http: [u16; SERVICES.len()],
    /// The mail port of the sandbox.
    pub smtp: u16,
}

impl Ports {
    /// The documented ports of `up`.
    #[must_use]
    pub fn usual() -> Self {
        Self { http: SERVICES.map(|service| service.port), smtp: SMTP }
    }

    /// Free ports, for runs in parallel with others.
    pub fn free() -> std::io::Result<Self> {
        // All are bound until the last is found, so that none is found twice.
        let held = (0..=SERVICES.len())
            .map(|_| TcpListener::bind("127.0.0.1:0"))
            .collect::<std::io::Result<Vec<_>>>()?;
        let mut ports = Self::usual();
        for (port, listener) in ports.http.iter_mut().chain([&mut ports.smtp]).zip(&held) {
            *port = listener.local_addr()?.port();
        }
        Ok(ports)
    }

    /// The HTTP port of a service.
    #[must_use]
    pub fn of(&self, service: &Service) -> u16 {
        SERVICES.iter().position(|one| one.name == service.name).map_or(service.port, |at| self.http[at])
    }
}

impl Service {
    /// The command and settings to start the service on a database.
    pub fn launch(
        &self,
        workspace: &Workspace,
        cluster: &Cluster,
        ports: &Ports,
        release: bool,
    ) -> anyhow::Result<Launch> {
        let port = ports.of(self);
        let mut environment = Vec::new();
        let mut tell = |name: &str, value: String| environment.push((name.to_owned(), value));
        if self.name == "sandbox" {
            tell("TRYZORE__SANDBOX__HTTP_PORT", port.to_string());
            tell("TRYZORE__SANDBOX__SMTP_PORT", ports.smtp.to_string());
        } else {
            tell("TRYZORE__HTTP__PORT", port.to_string());
            // Running requests may finish, before the supervisor's grace period ends.
            tell("TRYZORE__HTTP__DRAIN_SECONDS", (GRACE.as_secs() - 2).to_string());
            // All callers on a laptop have the same address.
            tell("TRYZORE__HTTP__LIMITS__PER_ADDRESS", "6000".to_owned());
            tell("TRYZORE__MAIL__URL", format!("smtp://127.0.0.1:{}", ports.smtp));
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
            port,
            other_ports: self.other_ports.iter().map(|_| ports.smtp).collect(),
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
    fn free_ports_are_free_and_each_is_found_once() {
        // While the port of `up` is in use, no service gets it.
        let ports = Ports::free().unwrap();
        let all: Vec<u16> = ports.http.into_iter().chain([ports.smtp]).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), SERVICES.len() + 1);
        assert!(all.iter().all(|port| *port >= 1024), "{all:?}");
        let usual = Ports::usual();
        assert!(SERVICES.iter().all(|service| usual.of(service) == service.port));
        assert!(SERVICES.iter().all(|service| all.contains(&ports.of(service))));
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
