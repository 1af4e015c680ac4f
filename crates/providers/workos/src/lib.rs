//! workos
