//! One line per step: a tick or a cross, the step, its result, and how long it took.
//!
//! On a terminal the line of the running step is redrawn in place; in a log file each step leaves one line.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Prints a line. Unlike `println!`, it does not fail when the reader has gone away.
#[macro_export]
macro_rules! say {
    ($($words:tt)*) => { $crate::progress::line(format_args!($($words)*)) };
}

/// Prints a line; see [`say!`].
pub fn line(words: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stdout().lock(), "{words}");
}

/// Prints the steps of one command.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    live: bool,
}

/// A step that is running.
#[derive(Debug)]
pub struct Step {
    name: String,
    began: Instant,
    live: bool,
}

impl Default for Progress {
    fn default() -> Self {
        Self { live: std::io::stdout().is_terminal() }
    }
}

impl Progress {
    /// Begins a step.
    #[must_use]
    pub fn begin(&self, name: impl Into<String>) -> Step {
        let step = self.begin_undrawn(name);
        step.note("");
        step
    }

    /// Begins a step that runs beside others; its line is printed when it ends.
    #[must_use]
    pub fn begin_undrawn(&self, name: impl Into<String>) -> Step {
        Step { name: name.into(), began: Instant::now(), live: self.live }
    }
}

impl Step {
    /// A step whose line is not printed while it runs.
    #[must_use]
    pub fn silent() -> Self {
        Self { name: String::new(), began: Instant::now(), live: false }
    }

    /// Shows what the running step is doing, on a terminal only.
    pub fn note(&self, text: &str) {
        if self.live {
            let text: String = text.chars().take(60).collect();
            let mut out = std::io::stdout().lock();
            let _ = write!(out, "\r\x1b[2K… {:<18} {text} {}", self.name, seconds(self.began.elapsed()));
            let _ = out.flush();
        }
    }

    /// Ends the step successfully.
    pub fn done(self, detail: &str) {
        self.line('✓', "32", detail);
    }

    /// Ends the step as failed; the caller prints the reason.
    pub fn failed(self, detail: &str) {
        self.line('✗', "31", detail);
    }

    fn line(self, mark: char, colour: &str, detail: &str) {
        let took = seconds(self.began.elapsed());
        if self.live {
            say!("\r\x1b[2K\x1b[{colour}m{mark}\x1b[0m {:<18} {detail:<58} {took}", self.name);
        } else {
            say!("{mark} {:<18} {detail:<58} {took}", self.name);
        }
    }
}

/// `0.04 s`, `12.3 s`, `2 m 05 s`.
#[must_use]
pub fn seconds(duration: Duration) -> String {
    let all = duration.as_secs();
    match all {
        0..10 => format!("{:.2} s", duration.as_secs_f64()),
        10..60 => format!("{:.1} s", duration.as_secs_f64()),
        _ => format!("{} m {:02} s", all / 60, all % 60),
    }
}

/// `45 s`, `3 m`, `2 h 05 m`, `4 d 03 h`: how long a process has been running.
#[must_use]
pub fn uptime(duration: Duration) -> String {
    let all = duration.as_secs();
    match all {
        0..60 => format!("{all} s"),
        60..3_600 => format!("{} m", all / 60),
        3_600..86_400 => format!("{} h {:02} m", all / 3_600, all % 3_600 / 60),
        _ => format!("{} d {:02} h", all / 86_400, all % 86_400 / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short_and_switch_units_at_the_boundary() {
        assert_eq!(seconds(Duration::from_millis(9_990)), "9.99 s");
        assert_eq!(seconds(Duration::from_millis(10_000)), "10.0 s");
        assert_eq!(seconds(Duration::from_secs(60)), "1 m 00 s");
        assert_eq!(uptime(Duration::from_secs(59)), "59 s");
        assert_eq!(uptime(Duration::from_secs(60)), "1 m");
        assert_eq!(uptime(Duration::from_secs(86_399)), "23 h 59 m");
        assert_eq!(uptime(Duration::from_secs(86_400)), "1 d 00 h");
    }
}
