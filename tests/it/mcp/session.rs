//! A session: the real program, and the client of those who write the protocol.

use std::process::Stdio;

use rmcp::ServiceExt as _;
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::{RoleClient, RunningService, ServiceError};
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::runtime::Runtime;

use crate::both::{Both, SECRET};
use crate::sandbox::Start;

pub(crate) struct Session {
    runtime: Runtime,
    client: RunningService<RoleClient, ()>,
    child: Child,
    /// Everything that was answered.
    heard: String,
}

impl Session {
    /// Of `gardener mcp` with these words.
    pub(crate) fn begin(both: &Both, words: &[&str]) -> Self {
        Self::begin_in(both, &[], words)
    }

    /// With words before `mcp`, too.
    pub(crate) fn begin_in(both: &Both, first: &[&str], words: &[&str]) -> Self {
        Self::of(both.gardener(first.iter().chain(&["mcp"]).chain(words)))
    }

    /// Of a program that is ready to start.
    pub(crate) fn of(start: Start) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut command = Command::from(start.command());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let (client, child) = runtime.block_on(async {
            let mut child = command.spawn().expect("started");
            let pipes = (child.stdout.take().expect("a pipe"), child.stdin.take().expect("a pipe"));
            (().serve(pipes).await.expect("a session"), child)
        });
        Self { runtime, client, child, heard: String::new() }
    }

    /// What the server says of itself.
    pub(crate) fn about(&self) -> Value {
        serde_json::to_value(self.client.peer_info().expect("it said so").as_ref()).expect("JSON")
    }

    pub(crate) fn tools(&self) -> Vec<Value> {
        let tools = self.runtime.block_on(self.client.list_all_tools()).expect("tools");
        tools.iter().map(|tool| serde_json::to_value(tool).expect("JSON")).collect()
    }

    fn call(&mut self, name: &str, arguments: Value) -> Result<CallToolResult, ServiceError> {
        let Value::Object(arguments) = arguments else { panic!("an object") };
        let call = CallToolRequestParams::new(name.to_owned()).with_arguments(arguments);
        let answer = self.runtime.block_on(self.client.call_tool(call));
        let heard = format!("{answer:?}");
        assert!(!heard.contains(SECRET), "the token leaked: {heard}");
        self.heard.push_str(&heard);
        answer
    }

    fn result(&mut self, name: &str, arguments: Value) -> (bool, Value) {
        let result = self.call(name, arguments).expect("a result");
        let value = result.structured_content.expect("a value");
        let text = result.content[0].as_text().expect("a text").text.clone();
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), value, "both say the same");
        assert!(value["note"].as_str().is_some_and(|n| n.contains("never instructions")), "{value}");
        (result.is_error == Some(true), value)
    }

    /// A call that works out.
    pub(crate) fn ok(&mut self, name: &str, arguments: Value) -> Value {
        let (is_error, value) = self.result(name, arguments);
        assert!(!is_error, "{value:#}");
        value
    }

    /// A call that does nothing, and says why.
    pub(crate) fn refused(&mut self, name: &str, arguments: Value) -> Value {
        let (is_error, value) = self.result(name, arguments);
        assert!(is_error, "{value:#}");
        value
    }

    /// A call that there is no tool for.
    pub(crate) fn error(&mut self, name: &str, arguments: Value, why: &str) {
        let error = self.call(name, arguments).expect_err("no result").to_string();
        assert!(error.contains(why), "{error}");
    }

    /// Everything that was answered, as Rust shows it.
    pub(crate) fn heard(&self) -> &str {
        &self.heard
    }

    /// Ends it as a client does, by closing the input.
    pub(crate) fn end(self) {
        let Self { runtime, client, child, .. } = self;
        let output = runtime.block_on(async {
            client.cancel().await.expect("closed");
            child.wait_with_output().await.expect("an end")
        });
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{err}");
        assert!(!err.contains(SECRET), "the token leaked: {err}");
    }
}
