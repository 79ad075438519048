//! Whatever a server answers, a question ends, asks no other host with the token, writes nothing,
//! and takes no error for an empty answer.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use gardener::forge::{
    Address, Answer, Clock, Exchange, Fault, ForgeRead as _, GitHub, Options, Token, Wire,
};
use gardener::model::{Look, RepoSlug, Timestamp};
use http::{HeaderMap, HeaderValue, Method};

const STATUS: &[u16] = &[200, 301, 403, 404, 410, 429, 500, 502, 304, 401, 307, 202, 422, 503];

const HEADERS: &[&[(&str, &str)]] = &[
    &[],
    &[("link", "<https://api.github.com/repositories/1/issues?page=2>; rel=\"next\"")],
    &[("link", "<https://evil.example/repos/acme/app/issues?page=2>; rel=\"next\"")],
    &[("location", "https://api.github.com/repositories/1")],
    &[("location", "https://evil.example/repos/acme/app")],
    &[("retry-after", "1")],
    &[
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", "1767225600"),
        ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ],
    &[("date", "Thu, 01 Jan 2026 00:00:00 GMT")],
    &[("retry-after", "99999999999999999999"), ("date", "never")],
    &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "-1")],
    &[("location", "https://api.github.com/repos/acme/app/issues/1")],
];

/// A server that answers from the input.
struct Script {
    parts: Vec<Vec<u8>>,
    log: Rc<Log>,
}

#[derive(Default)]
struct Log {
    sent: RefCell<Vec<String>>,
    /// Whether any answer was a good one.
    was_good: Cell<bool>,
}

impl Wire for Script {
    fn send(&self, exchange: &Exchange<'_>) -> Result<Answer, Fault> {
        let is_question = exchange.method == Method::GET
            || (exchange.method == Method::POST && exchange.url == "https://api.github.com/graphql");
        assert!(is_question, "{} {}", exchange.method, exchange.url);
        assert!(!exchange.body.unwrap_or_default().contains("mutation"), "a question writes");
        let is_home = exchange.url.starts_with("https://api.github.com/");
        assert!(is_home || exchange.authorization.is_none(), "the token goes to {}", exchange.url);
        let at = self.log.sent.borrow().len();
        assert!(at < 500, "it asks for ever");
        self.log.sent.borrow_mut().push(exchange.url.to_owned());
        let Some(part) = self.parts.get(at) else { return Err(Fault::Unreached("the end".to_owned())) };
        let status = STATUS[usize::from(part.first().map_or(0, |b| b.wrapping_sub(b'a'))) % STATUS.len()];
        let headers = HEADERS[usize::from(part.get(1).map_or(0, |b| b.wrapping_sub(b'a'))) % HEADERS.len()];
        let headers = headers
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_static(value)));
        self.log.was_good.set(self.log.was_good.get() || status < 300);
        Ok(Answer {
            status,
            headers: headers.collect::<HeaderMap>(),
            body: part.get(2..).unwrap_or_default().to_vec(),
        })
    }
}

/// A clock that only moves by waiting.
#[derive(Default)]
struct Still(Cell<Duration>);

impl Clock for Still {
    fn monotonic(&self) -> Duration {
        self.0.get()
    }

    fn sleep(&self, time: Duration) {
        self.0.set(self.0.get().saturating_add(time));
    }
}

/// Which question; then answers with null bytes between, each with a letter for its status and
/// one for its headers before its body.
pub fn holds(data: &[u8]) {
    let Some((question, rest)) = data.split_first() else { return };
    let parts: Vec<Vec<u8>> = rest.split(|b| *b == 0).map(<[u8]>::to_vec).collect();
    let (first, log) = ask(*question, parts.clone());
    let (second, again) = ask(*question, parts);
    assert_eq!(first, second, "two answers to one question");
    assert_eq!(*log.sent.borrow(), *again.sent.borrow());
}

fn ask(question: u8, parts: Vec<Vec<u8>>) -> (String, Rc<Log>) {
    let log = Rc::<Log>::default();
    let address = Address::of_host("github.com").expect("its host");
    let slug = RepoSlug::parse("acme/app").expect("a name");
    let secret = ["invented", "for", "this"].concat();
    let options = Options {
        token: Token::new(&secret, "GH_TOKEN", address.host()),
        clock: Box::new(Still::default()),
        deadline: Some(Duration::from_secs(300)),
        wire: Some(Box::new(Script { parts, log: log.clone() })),
        ..Options::new(address, slug)
    };
    let mut forge = GitHub::new(options);
    let asked = BTreeSet::from([1, 2]);
    // A list that is there was in a good answer.
    let good = |is_ok: bool| assert!(!is_ok || log.was_good.get(), "an error was taken for an empty list");
    let said = match question.wrapping_sub(b'0') % 8 {
        0 => {
            let read = forge.repository();
            good(read.is_ok());
            format!("{read:?}")
        }
        1 => format!("{:?}", forge.viewer()),
        2 => {
            let read = forge.issues(&asked);
            if let Ok(looks) = &read {
                assert!(looks.keys().eq(&asked), "others than asked for: {looks:?}");
                let other =
                    looks.iter().find(|(n, l)| matches!(l, Look::Found(issue) if issue.number != **n));
                assert!(other.is_none(), "{other:?}");
            }
            format!("{read:?}")
        }
        3 => {
            let read = forge.changed(Some(Timestamp::from_second(1_767_225_600)));
            good(read.is_ok());
            format!("{read:?}")
        }
        4 => {
            let read = forge.comments(1);
            good(read.is_ok());
            format!("{read:?}")
        }
        5 => {
            let read = forge.events(1);
            good(read.is_ok());
            format!("{read:?}")
        }
        6 => {
            let read = forge.labels();
            good(read.is_ok());
            format!("{read:?}")
        }
        _ => {
            let read = forge.issues(&BTreeSet::from([1]));
            if let Ok(looks) = &read {
                assert!(looks.len() == 1 && looks.contains_key(&1), "{looks:?}");
            }
            format!("{read:?}")
        }
    };
    assert!(!said.contains(&secret), "the token is in an answer or a message: {said}");
    (said, log)
}
