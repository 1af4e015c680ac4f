//! The commands about which decisions are recorded.

use crate::Audience;

/// A command: its name in decisions and in the audit trail, and who may see decisions about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command {
    /// What it is done to, and the verb: `events.book`, `rooms.edit`. It is stored, so it does not change once
    /// released.
    pub name: &'static str,
    /// Who may see decisions about the command, besides the person concerned and the caller.
    pub audience: Audience,
}

impl Command {
    /// The command `name`. Nobody else sees its decisions.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, audience: Audience::SUBJECT }
    }

    /// The command whose decisions `audience` may see.
    #[must_use]
    pub const fn seen_by(self, audience: Audience) -> Self {
        Self { audience, ..self }
    }
}
