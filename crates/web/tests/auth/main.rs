//! Signing in over real HTTP, with real sessions, keys and passwords.

mod api_keys;
mod flow;
mod guesses;
mod places;
mod sessions;
mod stage;
mod tokens;
