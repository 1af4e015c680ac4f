//! app-api
fn main() {}
