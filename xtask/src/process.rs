//! Other processes: whether they run, who they are, how to stop them, and who listens on a port.
//!
//! A number in a pid file proves nothing: the process may be dead, a zombie that nobody reaped, or the number
//! may belong to another process by now. So a process counts as ours only when its command line says so.

use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Whether the process runs (a zombie does not).
#[must_use]
pub fn alive(pid: i32) -> bool {
    if Path::new("/proc/self/stat").exists() {
        return std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| runs(&stat));
    }
    ps(pid, "stat=").is_some_and(|state| !state.starts_with('Z'))
}

/// Whether `/proc/<pid>/stat` describes a process that runs. A killed process shows as a zombie as soon as its
/// first thread is gone, but keeps its ports until the last one is.
fn runs(stat: &str) -> bool {
    // The name in parentheses may contain anything, so the fields are counted after it: the state is the third of
    // all, the number of threads the twentieth.
    let Some((_, fields)) = stat.rsplit_once(") ") else { return false };
    let threads = fields.split_whitespace().nth(17).and_then(|count| count.parse::<u32>().ok()).unwrap_or(1);
    !fields.starts_with(['Z', 'X']) || threads > 1
}

/// The command line of a living process, its arguments joined by spaces.
#[must_use]
pub fn command_line(pid: i32) -> Option<String> {
    if !Path::new("/proc/self/stat").exists() {
        return alive(pid).then(|| ps(pid, "command="))?;
    }
    // A process that is just starting its program has an empty command line for a moment.
    for _ in 0..20 {
        if !alive(pid) {
            return None;
        }
        let raw = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let words = raw.split(|byte| *byte == 0).filter(|word| !word.is_empty()).map(String::from_utf8_lossy);
        let line = words.collect::<Vec<_>>().join(" ");
        if !line.is_empty() {
            return Some(line);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    None
}

fn ps(pid: i32, field: &str) -> Option<String> {
    let output = Command::new("ps").args(["-o", field, "-p", &pid.to_string()]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// Sends a signal; a process that is gone is no error.
pub fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid).filter(|_| pid > 1) {
        let _ = kill_process(pid, signal);
    }
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// It ended after the first signal.
    StopRequested,
    /// It was killed after the grace period.
    Killed,
    /// It was not running.
    Absent,
}

/// Sends `first` to a process, waits for `grace`, then kills it.
/// `reap` is called while waiting, so that a parent can reap its child.
pub async fn stop(pid: i32, first: Signal, grace: Duration, mut reap: impl FnMut()) -> Stopped {
    if !alive(pid) {
        reap();
        return Stopped::Absent;
    }
    signal(pid, first);
    let began = Instant::now();
    while began.elapsed() < grace {
        reap();
        if !alive(pid) {
            return Stopped::StopRequested;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    signal(pid, Signal::KILL);
    while alive(pid) && began.elapsed() < grace + Duration::from_secs(5) {
        reap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Stopped::Killed
}

/// The listener on a local TCP port, as `process 4711 (python3 -m http.server)`, if the system tells.
#[must_use]
pub fn listener(port: u16) -> Option<String> {
    let sockets: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .flat_map(|table| {
            let inodes = table.lines().filter_map(|line| listening_inode(line, port));
            inodes.map(|inode| format!("socket:[{inode}]")).collect::<Vec<_>>()
        })
        .collect();
    if sockets.is_empty() {
        return None;
    }
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        let Ok(files) = std::fs::read_dir(entry.path().join("fd")) else { continue };
        let holds = files
            .flatten()
            .filter_map(|file| std::fs::read_link(file.path()).ok())
            .any(|link| sockets.iter().any(|socket| link.as_os_str() == socket.as_str()));
        if holds {
            let line: String = command_line(pid).unwrap_or_default().chars().take(80).collect();
            return Some(format!("process {pid} ({line})"));
        }
    }
    None
}

/// The inode of a row of `/proc/net/tcp`, if it is a listening socket (state 0A) on that port.
fn listening_inode(row: &str, port: u16) -> Option<&str> {
    let mut words = row.split_whitespace();
    let local = words.nth(1)?;
    let state = words.nth(1)?;
    let inode = words.nth(5)?;
    let hex = local.rsplit(':').next()?;
    (state == "0A" && u16::from_str_radix(hex, 16) == Ok(port)).then_some(inode)
}

/// Whether the port can be bound on the loopback address.
#[must_use]
pub fn port_is_free(port: u16) -> bool {
    std::net::TcpListener::bind(("127.0.0.1", port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listening_row_gives_its_inode_and_a_connected_one_does_not() {
        let row = "   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0 100";
        assert_eq!(listening_inode(row, 8080), Some("4242"));
        assert_eq!(listening_inode(row, 8081), None);
        assert_eq!(listening_inode(&row.replace(" 0A ", " 01 "), 8080), None);
    }

    #[test]
    fn a_zombie_runs_while_it_has_threads() {
        let stat = |state: char, threads: u32| {
            format!("4711 (a) Z b) {state} 1 4711 4711 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 {threads} 0 99 0 0")
        };
        assert!(runs(&stat('S', 1)) && runs(&stat('Z', 2)));
        assert!(!runs(&stat('Z', 1)) && !runs(&stat('X', 0)) && !runs(""));
    }

    #[test]
    fn a_listener_is_found_and_named() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        assert!(!port_is_free(port));
        if cfg!(target_os = "linux") {
            assert!(listener(port).unwrap().starts_with(&format!("process {} (", std::process::id())));
        }
        drop(socket);
        assert!(port_is_free(port));
    }

    #[tokio::test]
    async fn a_child_that_was_not_reaped_is_not_alive() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        assert_eq!(command_line(pid).as_deref(), Some("sleep 60"));
        assert_eq!(stop(pid, Signal::TERM, Duration::from_secs(5), || ()).await, Stopped::StopRequested);
        assert_eq!(command_line(pid), None);
        assert_eq!(stop(pid, Signal::TERM, Duration::from_secs(5), || ()).await, Stopped::Absent);
        child.wait().unwrap();
    }

    #[tokio::test]
    async fn a_child_that_ignores_the_request_is_killed_after_the_grace() {
        let mut child = Command::new("sh").args(["-c", "trap '' TERM; exec sleep 60"]).spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let ended = stop(pid, Signal::TERM, Duration::from_millis(300), || {
            let _ = child.try_wait();
        })
        .await;
        assert_eq!(ended, Stopped::Killed);
    }
}
