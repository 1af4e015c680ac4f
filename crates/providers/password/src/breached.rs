//! Passwords that are known from breaches, looked up in a local file: no password, and no part of one, leaves the
//! machine.
//!
//! The file has one hash in each line, sorted: the SHA-1 of a password in hexadecimal digits, or the first 10 to 39
//! digits of it in every line, perhaps followed by `:` and a count. That is the format of the public list of Have I
//! Been Pwned. SHA-1 is the format of the list and protects nothing. A look-up reads about 40 blocks of a file of
//! any size, and keeps nothing in memory.

use secrecy::{ExposeSecret, SecretString};
use sha1::{Digest, Sha1};
use std::{
    cmp::Ordering,
    fs::File,
    io::{self, ErrorKind},
    os::unix::fs::FileExt,
    path::Path,
    sync::Arc,
};

/// A line is never longer: 40 digits, a colon, a count, the end of the line.
const LINE: u64 = 80;
/// With fewer digits, a password would be refused by coincidence.
const FEWEST_DIGITS: usize = 10;
const DIGITS: usize = 40;

/// A list of breached passwords.
#[derive(Debug, Clone)]
pub struct BreachedPasswords {
    file: Arc<File>,
    length: u64,
}

impl BreachedPasswords {
    /// Opens the list at `path`.
    ///
    /// # Errors
    /// When the file cannot be read, or its first line is not a hash.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let list = Self { file: Arc::new(file), length };
        if length > 0 {
            list.line_at(0)?;
        }
        Ok(list)
    }

    /// Whether the list has `password`. This reads the file: do not call it on a thread of the async runtime.
    ///
    /// # Errors
    /// When the file cannot be read, or a line is not a hash.
    pub fn contains(&self, password: &SecretString) -> io::Result<bool> {
        let digest = Sha1::digest(password.expose_secret().as_bytes());
        let wanted: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let (mut from, mut to) = (0, self.length);
        while from < to {
            let line = self.line_at(from.midpoint(to))?;
            let wanted = wanted.get(..line.digits.len()).unwrap_or_default();
            match line.digits.as_str().cmp(wanted) {
                Ordering::Equal => return Ok(true),
                Ordering::Less => from = line.next,
                Ordering::Greater => to = line.start,
            }
        }
        Ok(false)
    }

    /// The line that has the byte at `position`.
    fn line_at(&self, position: u64) -> io::Result<Line> {
        let begin = position.saturating_sub(LINE);
        let mut block = vec![0; usize::try_from(2 * LINE).unwrap_or(usize::MAX)];
        let read = read_block(&self.file, &mut block, begin)?;
        block.truncate(read);
        let at = usize::try_from(position - begin).unwrap_or(usize::MAX);
        let (before, after) = block.split_at_checked(at).ok_or_else(broken)?;
        let start = match before.iter().rposition(|byte| *byte == b'\n') {
            Some(newline) => newline + 1,
            None if begin == 0 => 0,
            None => return Err(broken()),
        };
        let end = match after.iter().position(|byte| *byte == b'\n') {
            Some(newline) => at + newline,
            None if begin + read as u64 >= self.length => read,
            None => return Err(broken()),
        };
        let line = block.get(start..end).ok_or_else(broken)?;
        let digits = line.split(|byte| matches!(byte, b':' | b'\r')).next().unwrap_or_default();
        let is_hash =
            (FEWEST_DIGITS..=DIGITS).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit);
        let digits = std::str::from_utf8(digits).ok().filter(|_| is_hash).ok_or_else(broken)?;
        Ok(Line {
            digits: digits.to_ascii_lowercase(),
            start: begin + start as u64,
            next: begin + end as u64 + 1,
        })
    }
}

struct Line {
    digits: String,
    start: u64,
    next: u64,
}

fn read_block(file: &File, block: &mut [u8], at: u64) -> io::Result<usize> {
    let mut read = 0;
    while let Some(rest) = block.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, at + read as u64) {
            Ok(0) => break,
            Ok(count) => read += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

fn broken() -> io::Error {
    let text = "expected sorted lines with 10 to 40 hexadecimal digits, perhaps followed by `:` and a count";
    io::Error::new(ErrorKind::InvalidData, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn list(name: &str, text: &str) -> io::Result<BreachedPasswords> {
        let path = std::env::temp_dir().join(format!("breached-{}-{name}", std::process::id()));
        File::create(&path)?.write_all(text.as_bytes())?;
        let list = BreachedPasswords::open(&path);
        std::fs::remove_file(&path)?;
        list
    }

    fn has(list: &BreachedPasswords, text: &str) -> bool {
        list.contains(&SecretString::from(text.to_owned())).unwrap()
    }

    fn sha1(text: &str) -> String {
        Sha1::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect()
    }

    #[test]
    fn every_listed_password_is_found_and_no_other() {
        let passwords: Vec<String> = (0..500).map(|number| format!("password {number}")).collect();
        // Counts of different lengths, so that lines have different lengths.
        let mut lines: Vec<_> =
            (1_u64..).zip(&passwords).map(|(n, text)| format!("{}:{}", sha1(text), n * n * n)).collect();
        lines.sort();
        for (name, end) in [("lf", "\n"), ("crlf", "\r\n")] {
            for last in ["", end] {
                let list = list(name, &format!("{}{last}", lines.join(end))).unwrap();
                assert!(passwords.iter().all(|text| has(&list, text)), "{name}");
                assert!((500..1_000).all(|number| !has(&list, &format!("password {number}"))), "{name}");
            }
        }
    }

    #[test]
    fn the_beginnings_of_hashes_are_enough() {
        let mut lines: Vec<_> =
            (0..50).map(|n| sha1(&format!("password {n}"))[..10].to_lowercase()).collect();
        lines.sort();
        let list = list("short", &lines.join("\n")).unwrap();
        assert!(has(&list, "password 0") && has(&list, "password 49") && !has(&list, "password 50"));
    }

    #[test]
    fn an_empty_list_has_nothing_and_a_file_of_another_format_is_refused() {
        assert!(!has(&list("empty", "").unwrap(), "password"));
        let short = format!("{}\n", &sha1("x")[..9]);
        for (name, text) in [("words", "password\nqwerty\n"), ("short", &short), ("long", &"a".repeat(200))] {
            let refused = list(&format!("bad-{name}"), text).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidData, "{name}");
        }
    }
}
