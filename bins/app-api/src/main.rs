//! The mobile app's backend. 
fn main() {}
