//! The shared parts of the tests over real sockets: a sandbox, JSON calls, a bare SMTP client.

use reqwest::{Client, Method, Response, StatusCode};
use serde_json::Value;
use std::time::Duration;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};
use tryzore_sandbox::{Options, Running, Sandbox};

/// The time limit of every step of these tests.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A sandbox for one test.
pub(crate) struct Shared {
    pub(crate) running: Running,
    pub(crate) http: Client,
}

impl Shared {
    pub(crate) fn open() -> Self {
        Self::with(Options::any_ports())
    }

    pub(crate) fn with(options: Options) -> Self {
        let http = Client::builder().timeout(PATIENCE).build().unwrap();
        Self { running: Sandbox::start(options).unwrap(), http }
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let request = self.http.request(method, format!("{}{path}", self.running.http_url));
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        };
        request.send().await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.call(Method::GET, path, None).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.call(Method::POST, path, Some(body)).await;
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    /// Asserts that a call is answered with a problem of this status; returns the problem.
    pub(crate) async fn problem(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        status: u16,
    ) -> Value {
        let answer = self.call(method, path, body).await;
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["status"], status);
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
        problem
    }

    pub(crate) async fn smtp(&self) -> Smtp {
        let mut smtp =
            Smtp { stream: BufReader::new(TcpStream::connect(self.running.smtp_addr).await.unwrap()) };
        assert_eq!(smtp.reply().await.0, 220);
        smtp
    }

    /// Sends a mail with raw commands; returns the last reply.
    pub(crate) async fn send(&self, to: &str, data: &str) -> u16 {
        let mut smtp = self.smtp().await;
        smtp.begin(&[to]).await;
        smtp.say(&format!("{data}\r\n.")).await.0
    }

    pub(crate) async fn kept(&self) -> u64 {
        self.get("/mail/messages").await["kept"].as_u64().unwrap()
    }
}

/// A client that sends exactly the given commands.
pub(crate) struct Smtp {
    pub(crate) stream: BufReader<TcpStream>,
}

impl Smtp {
    /// The next reply: code and lines.
    pub(crate) async fn reply(&mut self) -> (u16, Vec<String>) {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            timeout(PATIENCE, self.stream.read_line(&mut line)).await.expect("a reply in time").unwrap();
            assert!(line.ends_with("\r\n"), "the connection ended with {line:?}");
            lines.push(line[4..].trim_end().to_owned());
            if &line[3..4] == " " {
                return (line[..3].parse().unwrap(), lines);
            }
        }
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).await.unwrap();
    }

    /// Sends one line; returns the reply to it.
    pub(crate) async fn say(&mut self, line: &str) -> (u16, Vec<String>) {
        self.write(format!("{line}\r\n").as_bytes()).await;
        self.reply().await
    }

    /// Sends each line and asserts the code of each reply.
    pub(crate) async fn expect(&mut self, talk: &[(&str, u16)]) {
        for (line, code) in talk {
            let (found, said) = self.say(line).await;
            assert_eq!(found, *code, "{line:?} was answered with {said:?}");
        }
    }

    /// Sends the commands up to the mail's data.
    pub(crate) async fn begin(&mut self, to: &[&str]) {
        self.expect(&[("EHLO test.example", 250), ("MAIL FROM:<from@example.com>", 250)]).await;
        for one in to {
            self.expect(&[(&format!("RCPT TO:<{one}>"), 250)]).await;
        }
        self.expect(&[("DATA", 354)]).await;
    }

    /// Asserts that the server closed or broke the connection without another reply.
    pub(crate) async fn closed(&mut self) {
        let mut rest = Vec::new();
        let end = timeout(PATIENCE, self.stream.read_to_end(&mut rest)).await.expect("closed in time");
        assert!(end.is_err() || rest.is_empty(), "the server still said {}", String::from_utf8_lossy(&rest));
    }
}
