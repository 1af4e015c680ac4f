//! Compiles the migrations in again when one of them is new or has changed.

fn main() -> std::io::Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout(), "cargo:rerun-if-changed=../../migrations")
}
