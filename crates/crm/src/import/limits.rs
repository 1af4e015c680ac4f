//! The limits of a file. They apply to the whole file or to one row, and bound the memory of an import: the
//! reader holds one row, and the address and number of every row to find duplicates.

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
/// The maximum number of imports of one location that have not ended, because each stores a file.
pub const OPEN_IMPORTS: u32 = 20;
/// Days after which an import that nobody has confirmed expires.
pub const UNCONFIRMED_DAYS: i64 = 14;
