//! The frames of the protocol: headers, a blank line, and so many bytes of JSON.
//!
//! Whatever comes in, the next good frame is found again: lines that are no header are passed over, and a
//! body that is too large is read and dropped. `lsp-server` knows the shapes of messages, but its own
//! reader gives up at the first bad one.

use std::io::{self, BufRead, Read as _, Write};

use lsp_server::{Message, RequestId};
use serde_json::{Value, json};

/// The error codes of JSON-RPC and of the protocol.
pub(super) const PARSE: i32 = -32700;
pub(super) const INVALID: i32 = -32600;
pub(super) const NO_METHOD: i32 = -32601;
pub(super) const BAD_PARAMS: i32 = -32602;
pub(super) const NOT_YET: i32 = -32002;
pub(super) const CANCELLED: i32 = -32800;

/// The largest body that is read, in bytes: a worklog of the largest size in escapes fits many times.
const MOST: usize = 64 << 20;
/// The longest line of a header.
const LONGEST: u64 = 8 << 10;

/// What came in.
#[derive(Debug)]
pub(super) enum Frame {
    /// A message.
    Message(Message),
    /// Something that is none: the code of the error, and why.
    Bad(i32, String),
}

impl Frame {
    /// Whether it is the request of this id.
    pub(super) fn asks(&self, id: &RequestId) -> bool {
        matches!(self, Self::Message(Message::Request(request)) if request.id == *id)
    }
}

/// The next frame; `None` at the end of the input.
pub(super) fn read(input: &mut impl BufRead) -> Option<Frame> {
    let mut length: Option<Result<usize, String>> = None;
    loop {
        let mut line = Vec::new();
        let read = input.by_ref().take(LONGEST).read_until(b'\n', &mut line).ok()?;
        if read == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.is_empty() {
            match length.take() {
                Some(Ok(length)) => return body(input, length),
                Some(Err(why)) => return Some(Frame::Bad(PARSE, why)),
                // Blank lines between frames are nobody's harm.
                None => continue,
            }
        }
        let is_length = |name: &str| name.trim().eq_ignore_ascii_case("content-length");
        if let Some((_, number)) = text.split_once(':').filter(|(name, _)| is_length(name)) {
            let number = number.trim().parse::<usize>();
            length = Some(number.map_err(|_| "Content-Length is not a number".to_owned()));
        }
    }
}

fn body(input: &mut impl BufRead, length: usize) -> Option<Frame> {
    if length > MOST {
        let dropped = io::copy(&mut input.by_ref().take(length as u64), &mut io::sink()).ok()?;
        let whole = dropped == length as u64;
        return whole.then(|| Frame::Bad(PARSE, format!("a message of {length} bytes is too large")));
    }
    let mut bytes = Vec::new();
    let read = input.by_ref().take(length as u64).read_to_end(&mut bytes).ok()?;
    if read < length {
        return None;
    }
    Some(match serde_json::from_slice::<Value>(&bytes) {
        Err(error) => Frame::Bad(PARSE, format!("this is not JSON: {error}")),
        Ok(value) => match serde_json::from_value::<Message>(value) {
            Ok(message) => Frame::Message(message),
            Err(_) => Frame::Bad(INVALID, "this is no request, notification or response".to_owned()),
        },
    })
}

/// Writes a message, whatever it is.
pub(super) fn write(output: &mut dyn Write, message: &Value) -> io::Result<()> {
    let body = message.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    output.flush()
}

/// An answer that is an error.
pub(super) fn error(id: Option<&RequestId>, code: i32, message: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<String> {
        let mut input = io::BufReader::with_capacity(7, bytes);
        let shown = |frame| match frame {
            Frame::Message(Message::Request(request)) => format!("request {}", request.method),
            Frame::Message(Message::Notification(told)) => format!("told {}", told.method),
            Frame::Message(Message::Response(response)) => format!("response {}", response.id),
            Frame::Bad(code, _) => code.to_string(),
        };
        std::iter::from_fn(|| read(&mut input)).map(shown).collect()
    }

    #[test]
    fn good_frames_are_read_and_bad_ones_are_named() {
        let frame = |body: &str| format!("Content-Length: {}\r\n\r\n{body}", body.len());
        let request = frame("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\"}");
        let typed =
            "content-type: x\ncontent-length:37\n\n{\"jsonrpc\":\"2.0\",\"method\":\"b\",\"x\":\"\"}\n";
        let bytes = format!(
            "{request}{typed}{}{}{}garbage\r\n\r\nContent-Length: no\r\n\r\n{request}",
            frame("{"),
            frame("[]"),
            frame("\u{1f331}"),
        );
        assert_eq!(
            all(bytes.as_bytes()),
            ["request a", "told b", "-32700", "-32600", "-32700", "-32700", "request a"]
        );
    }

    #[test]
    fn an_end_in_the_middle_is_an_end() {
        assert_eq!(all(b"Content-Length: 10\r\n\r\n{}").len(), 0);
        assert_eq!(all(b"Content-Len").len(), 0);
        assert_eq!(all(b"Content-Length: 99999999999\r\n\r\n{}").len(), 0);
        assert_eq!(all(&[0xff; 20_000]).len(), 0);
    }
}
