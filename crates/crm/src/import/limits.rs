//! How much a file may be. Each holds for the file as a whole or for one row of it, and bounds
//! memory: the reader keeps one row, and an address and a number of each row for duplicates.

/// Bytes of a file, before decoding: 20 MB.
pub const FILE_BYTES: u64 = 20 * 1024 * 1024;
/// Rows below the header.
pub const ROWS: u32 = 100_000;
/// Columns.
pub const COLUMNS: usize = 200;
/// Bytes of one cell, as UTF-8: 4 KB.
pub const CELL_BYTES: usize = 4 * 1024;
/// Rows that are planned and written together.
pub const BATCH_ROWS: usize = 500;
/// Imports of one location that have not ended: each keeps a file.
pub const OPEN_IMPORTS: u32 = 20;
/// Days after which an import that nobody has confirmed expires.
pub const UNCONFIRMED_DAYS: i64 = 14;
