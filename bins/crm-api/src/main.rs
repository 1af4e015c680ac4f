//! crm-api
fn main() {}
