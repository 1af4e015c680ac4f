//! A service for the supervision tests: `<port> ready | late | dies | stubborn`.
//!
//! `ready` answers 200 at once; `late` answers 503 to its first three questions; `dies` says 30 lines and ends
//! with status 7; `stubborn` is asked to go in vain.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, port, behaviour] = arguments.as_slice() else { return ExitCode::from(2) };
    let (Ok(port), behaviour) = (port.parse::<u16>(), behaviour.as_str()) else { return ExitCode::from(2) };
    if behaviour == "dies" {
        for line in 1..=30 {
            eprintln!("line {line}");
        }
        return ExitCode::from(7);
    }
    let Ok(mut asked) = signal(SignalKind::terminate()) else { return ExitCode::from(3) };
    let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) else { return ExitCode::from(4) };
    eprintln!("value: {}", std::env::var("STAND_IN").unwrap_or_default());
    eprintln!("owner: {}", std::env::var("DATABASE_URL").unwrap_or_default());
    let late = behaviour == "late";
    std::thread::spawn(move || {
        for (count, stream) in listener.incoming().flatten().enumerate() {
            let status = if late && count < 3 { "503 Service Unavailable" } else { "200 OK" };
            let mut stream = stream;
            let _ = stream.read(&mut [0; 1024]);
            let _ = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    loop {
        asked.recv().await;
        if behaviour != "stubborn" {
            return ExitCode::SUCCESS;
        }
    }
}
