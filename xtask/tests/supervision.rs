//! Services as child processes, with stand-in programs: they start, become ready, die, ignore the stop signal, and
//! are found again by another supervisor.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use xtask::command::up::start_together;
use xtask::process::{Stopped, alive, port_is_free};
use xtask::progress::Progress;
use xtask::supervise::health::{self, Health};
use xtask::supervise::{Launch, StartError, Supervisor};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A free port that no other test takes: below those of outgoing connections, at an offset given by the process
/// id and a counter.
fn port() -> u16 {
    loop {
        let place = std::process::id().wrapping_mul(16) + NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 20_000 + u16::try_from(place % 12_000).unwrap();
        if port_is_free(port) {
            return port;
        }
    }
}

fn launch(name: &str, behaviour: &str) -> Launch {
    let port = port();
    Launch {
        name: name.to_owned(),
        program: PathBuf::from(env!("CARGO_BIN_EXE_xtask-stand-in")),
        arguments: vec![port.to_string(), behaviour.to_owned()],
        environment: vec![("STAND_IN".to_owned(), "told".to_owned())],
        port,
        other_ports: Vec::new(),
    }
}

fn supervisor(folder: &Path) -> Supervisor {
    Supervisor::new(folder.join("run"), folder.join("logs"))
}

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_service_is_waited_for_found_by_another_run_and_stopped_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let service = launch("late", "late");
    let mut first = supervisor(folder.path());
    let pid = first.start(&service).unwrap();
    first.ready("late", service.port, PATIENCE).await.unwrap();
    assert_eq!(health::ask(service.port).await, Health::Ready);
    let log = std::fs::read_to_string(first.log("late")).unwrap();
    assert!(log.contains("value: told\n"), "{log}");

    let mut second = supervisor(folder.path());
    let found = second.find("late").unwrap();
    assert_eq!((found.pid, found.port), (pid, service.port));
    assert!(second.started().is_empty() && !found.outdated());
    assert_eq!(second.stop("late", PATIENCE).await, Stopped::StopRequested);
    assert!(!alive(pid) && second.find("late").is_none());
    let ended = first.ended();
    assert_eq!((ended.len(), ended[0].0.as_str(), ended[0].1.code()), (1, "late", Some(0)));
}

#[tokio::test]
async fn a_second_start_leaves_a_running_service_alone() {
    let folder = tempfile::tempdir().unwrap();
    let services = [launch("one", "ready"), launch("two", "ready")];
    let mut first = supervisor(folder.path());
    start_together(&mut first, &services, Progress::default()).await.unwrap();
    let pids = ["one", "two"].map(|name| first.find(name).unwrap().pid);

    let mut second = supervisor(folder.path());
    start_together(&mut second, &services, Progress::default()).await.unwrap();
    assert_eq!(second.started(), Vec::<String>::new());
    assert_eq!(["one", "two"].map(|name| second.find(name).unwrap().pid), pids);
    for name in ["one", "two"] {
        assert_eq!(first.stop(name, PATIENCE).await, Stopped::StopRequested);
    }
}

#[tokio::test]
async fn a_service_that_dies_while_starting_shows_its_last_twenty_lines() {
    let folder = tempfile::tempdir().unwrap();
    let service = launch("dies", "dies");
    let mut services = supervisor(folder.path());
    services.start(&service).unwrap();
    let error = services.ready("dies", service.port, PATIENCE).await.unwrap_err();
    let StartError::Died { status, tail, .. } = &error else { panic!("{error}") };
    assert_eq!(status.code(), Some(7));
    assert_eq!(
        tail.lines().collect::<Vec<_>>(),
        (11..=30).map(|line| format!("line {line}")).collect::<Vec<_>>()
    );
    assert!(services.find("dies").is_none() && services.started().is_empty());
}

#[tokio::test]
async fn a_service_that_is_never_ready_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let service = launch("late", "late");
    let mut services = supervisor(folder.path());
    services.start(&service).unwrap();
    let error = services.ready("late", service.port, Duration::ZERO).await.unwrap_err();
    assert!(matches!(&error, StartError::Late { .. }), "{error}");
    assert_eq!(services.stop("late", PATIENCE).await, Stopped::StopRequested);
}

#[tokio::test]
async fn a_port_in_use_is_reported_with_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = launch("web", "ready");
    let taken = port();
    let _holder = TcpListener::bind(("0.0.0.0", taken)).unwrap();
    service.other_ports.push(taken);
    let mut services = supervisor(folder.path());
    let error = services.start(&service).unwrap_err().to_string();
    let who = if cfg!(target_os = "linux") {
        format!("process {} (", std::process::id())
    } else {
        "another".to_owned()
    };
    assert!(error.contains(&format!("port {taken} of web is taken by {who}")), "{error}");
    assert!(services.started().is_empty() && port_is_free(service.port));
}

#[tokio::test]
async fn a_service_that_ignores_the_stop_signal_is_killed_after_the_grace_period() {
    let folder = tempfile::tempdir().unwrap();
    let service = launch("stubborn", "stubborn");
    let mut services = supervisor(folder.path());
    let pid = services.start(&service).unwrap();
    services.ready("stubborn", service.port, PATIENCE).await.unwrap();
    assert_eq!(services.stop("stubborn", Duration::from_millis(300)).await, Stopped::Killed);
    assert!(!alive(pid) && port_is_free(service.port));
}

#[tokio::test]
async fn a_run_file_with_the_number_of_another_process_is_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let services = supervisor(folder.path());
    std::fs::create_dir_all(folder.path().join("run")).unwrap();
    let stranger =
        serde_json::json!({ "pid": std::process::id(), "port": 1, "program": "/opt/tryzore-worker" });
    std::fs::write(folder.path().join("run/worker.json"), stranger.to_string()).unwrap();
    assert!(services.find("worker").is_none());
}

#[tokio::test]
async fn the_log_of_the_previous_run_is_kept_and_a_missing_program_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = launch("dies", "dies");
    let mut services = supervisor(folder.path());
    for _ in 0..2 {
        services.start(&service).unwrap();
        services.ready("dies", service.port, PATIENCE).await.unwrap_err();
    }
    let lines =
        |name: &str| std::fs::read_to_string(folder.path().join("logs").join(name)).unwrap().lines().count();
    assert_eq!((lines("dies.log"), lines("dies.log.1")), (30, 30));
    service.program = PathBuf::from("/nowhere/tryzore-worker");
    let error = services.start(&service).unwrap_err().to_string();
    assert!(error.contains("/nowhere/tryzore-worker"), "{error}");
}
