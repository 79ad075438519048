//! The one place that sends: announced, counted, timed, paced, and repeated only where
//! repeating is harmless.
//!
//! A read may be sent three times; a write is sent once, except after an answer that says
//! it was refused for now (a rate limit). An answer that came whole is handed back with
//! whatever status it has, apart from limits and, for reads, 5xx. Redirects are followed in
//! `redirect`, meanings given in `read` and `write`.

use std::time::Duration;

use http::Method;

use crate::effect::Steps;
use crate::forge::classify::{self, About, Limit};
use crate::forge::graphql;
use crate::forge::transport::{Answer, Exchange, Fault, Transport, Wire};
use crate::forge::{Address, Certainty, Clock, ForgeError, Options, Token, WriteError};
use crate::model::{RepoSlug, Timestamp};

/// A request to send, by its path below the REST interface.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    /// Path and query, percent-encoded. Never from outside without `Address::path_of`.
    pub(super) path: String,
    pub(super) body: Option<String>,
    /// The issue it is about, when it is about one.
    pub(super) number: Option<u64>,
    /// A question to the GraphQL interface; `path` only names it.
    graphql: bool,
    /// REST can be asked instead, which has an hourly limit of its own.
    has_other_way: bool,
    /// The answer may be kept for the next run.
    pub(super) keeps: bool,
    /// The name of an answer that is known already.
    known: Option<String>,
}

/// Sends requests to one address.
pub(super) struct Sender {
    pub(super) address: Address,
    /// The repository's name, as it is today once that is known.
    pub(super) slug: RepoSlug,
    pub(super) token: Option<Token>,
    steps: Steps,
    clock: Box<dyn Clock>,
    progress: Box<dyn Fn(&str)>,
    deadline: Option<Duration>,
    patience: Duration,
    wire: Option<Box<dyn Wire>>,
    requests: u64,
    /// Nobody was there a moment ago.
    nobody: Option<ForgeError>,
    now: Option<Timestamp>,
    /// When something was created last, and how much at once.
    created: Option<(Duration, u32)>,
}

/// GitHub ends a request after 10 s itself; twice that is for the way.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Before the second and third attempt of a read.
const BACK_OFF: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// So often a limit is sat out for one request.
const WAITS: u32 = 3;

/// Between two writes that create something, for each that the first of them creates
/// (reliability 2.1).
const PACE: Duration = Duration::from_secs(1);

impl Call {
    /// A `GET`.
    pub(super) fn get(path: impl Into<String>) -> Self {
        let path = path.into();
        Self {
            method: Method::GET,
            path,
            body: None,
            number: None,
            graphql: false,
            has_other_way: false,
            keeps: false,
            known: None,
        }
    }

    /// A write; a body makes it `application/json`.
    pub(super) fn write(method: Method, path: impl Into<String>, body: Option<String>) -> Self {
        Self { method, body, ..Self::get(path) }
    }

    /// A GraphQL question, which only reads.
    pub(super) fn question(body: String) -> Self {
        Self { graphql: true, ..Self::write(Method::POST, "/graphql", Some(body)) }
    }

    /// Several writes in one GraphQL request.
    pub(super) fn mutation(body: String) -> Self {
        Self::question(body)
    }

    /// Says that REST can be asked instead: the hourly limit is then not waited for.
    #[must_use]
    pub(super) fn or_rest(self) -> Self {
        Self { has_other_way: true, ..self }
    }

    /// Says that the answer may be kept for the next run.
    #[must_use]
    pub(super) fn kept(self) -> Self {
        Self { keeps: true, ..self }
    }

    /// Says which answer is known already.
    #[must_use]
    pub(super) fn unless(self, known: Option<String>) -> Self {
        Self { known, ..self }
    }

    /// Says which issue it is about.
    #[must_use]
    pub(super) fn about(mut self, number: impl Into<Option<u64>>) -> Self {
        self.number = number.into();
        self
    }

    /// `POST /repos/acme/app/issues`, without the query.
    pub(super) fn what(&self) -> String {
        format!("{} {}", self.method, self.path.split('?').next().unwrap_or_default())
    }
}

impl Sender {
    pub(super) fn new(options: Options) -> Self {
        let Options { address, slug, token, steps, clock, progress, deadline, patience, wire, .. } = options;
        // A token that belongs to another host is as good as none (promise P8).
        let token = token.filter(|t| t.host() == address.host());
        let deadline = deadline.map(|d| clock.monotonic().saturating_add(d));
        Self {
            address,
            slug,
            token,
            steps,
            clock,
            progress,
            deadline,
            patience,
            wire,
            requests: 0,
            nobody: None,
            now: None,
            created: None,
        }
    }

    /// GitHub's own time in its last answer.
    pub(super) fn now(&self) -> Option<Timestamp> {
        self.now
    }

    /// How many requests were sent.
    pub(super) fn requests(&self) -> u64 {
        self.requests
    }

    /// Sends a read, again where that may help.
    ///
    /// # Errors
    /// When there is no whole answer, only 5xx, or a limit that is not sat out.
    pub(super) fn read(&mut self, call: &Call) -> Result<Answer, ForgeError> {
        if let Some(error) = self.nobody.take() {
            return Err(error);
        }
        let (mut failures, mut waits) = (0, 0);
        loop {
            let timeout = self.time_left()?;
            let error = match self.exchange(call, timeout) {
                Ok(answer) => match classify::limit(&answer, call.graphql) {
                    // The limit on bursts counts both interfaces, the hourly one each by itself.
                    Some(limit) if call.has_other_way && !limit.secondary => {
                        return Err(self.limited(limit, limit.wait));
                    }
                    Some(limit) => {
                        self.sit_out(limit, waits)?;
                        waits += 1;
                        continue;
                    }
                    None if answer.status < 500 => return Ok(answer),
                    None => self.refusal(call, &answer),
                },
                // Nobody is there, or the answer is the same next time: no use in asking again.
                Err(fault @ (Fault::Unreached(_) | Fault::TooLarge)) => return Err(self.failed(call, &fault)),
                Err(fault) => self.failed(call, &fault),
            };
            match BACK_OFF.get(failures) {
                Some(pause) if self.fits(*pause) => self.clock.sleep(*pause),
                _ => return Err(error),
            }
            failures += 1;
        }
    }

    /// Sends a write that creates so many things, once, unless GitHub refuses it for now and the
    /// wait is short.
    ///
    /// # Errors
    /// When there is no whole answer, 5xx, or a limit that is not sat out, with how sure it
    /// is that nothing happened.
    pub(super) fn write(&mut self, call: &Call, creates: usize) -> Result<Answer, WriteError> {
        let not_sent = |error| WriteError { error, certainty: Certainty::NotSent };
        let mut waits = 0;
        loop {
            if self.token.is_none() {
                return Err(not_sent(ForgeError::NoToken { host: self.host() }));
            }
            if creates > 0 {
                self.pace(creates).map_err(not_sent)?;
            }
            let timeout = self.time_left().map_err(not_sent)?;
            let what = format!("http {}", call.what());
            self.steps.step(&what);
            let mut answer = self.exchange(call, timeout);
            if sabotaged!(RetryCreate) && creates > 0 && answer.as_ref().map_or(true, |a| a.status >= 500) {
                answer = self.exchange(call, timeout);
            }
            if answer.is_ok() {
                self.steps.step(&format!("answer to {what}"));
            }
            let answer = answer.map_err(|fault| {
                let unsent = matches!(fault, Fault::Unreached(_));
                let certainty = if unsent { Certainty::NotSent } else { Certainty::Doubtful };
                WriteError { error: self.failed(call, &fault), certainty }
            })?;
            if let Some(limit) = classify::limit(&answer, call.graphql) {
                // A limit can strike in the middle of several writes, and what came before is done.
                if call.graphql && !graphql::ran_nothing(&answer) {
                    if answer.status == 200 {
                        return Ok(answer);
                    }
                    let error = self.limited(limit, limit.wait);
                    return Err(WriteError { error, certainty: Certainty::Doubtful });
                }
                let rejected = |error| WriteError { error, certainty: Certainty::Rejected };
                self.sit_out(limit, waits).map_err(rejected)?;
                waits += 1;
                continue;
            }
            // A 5xx may come after the deed (probot#921). 408 is what a proxy says when it
            // gave up on one side or the other.
            if answer.status >= 500 || answer.status == 408 {
                return Err(WriteError {
                    error: self.refusal(call, &answer),
                    certainty: Certainty::Doubtful,
                });
            }
            return Ok(answer);
        }
    }

    /// The error for an answer that is not what was hoped for.
    pub(super) fn refusal(&self, call: &Call, answer: &Answer) -> ForgeError {
        let about = About {
            host: self.address.host(),
            slug: &self.slug,
            token: self.token.as_ref(),
            what: &call.what(),
            number: call.number,
        };
        classify::refusal(answer, &about)
    }

    /// Foreign text for an error: without the token, without control characters, short.
    pub(super) fn clean(&self, text: &str) -> String {
        classify::clean(text, self.token.as_ref())
    }

    #[cfg(feature = "sabotage")]
    /// A seeded defect: asks wherever an answer points to, as the user.
    pub(super) fn follow(&mut self, call: &Call, url: &str) -> Result<Answer, ForgeError> {
        let exchange = Exchange {
            method: &call.method,
            url,
            body: call.body.as_deref(),
            authorization: self.token.as_ref().and_then(Token::header),
            if_none_match: None,
            timeout: TIMEOUT,
        };
        let gone = || ForgeError::TimedOut { host: self.host() };
        let answer = self.wire.as_ref().ok_or_else(gone)?.send(&exchange);
        answer.map_err(|fault| self.failed(call, &fault))
    }

    fn host(&self) -> String {
        self.address.host().to_owned()
    }

    fn exchange(&mut self, call: &Call, timeout: Duration) -> Result<Answer, Fault> {
        let mut answers = self.exchanges(std::slice::from_ref(call), timeout);
        answers.pop().unwrap_or_else(|| Err(Fault::Broken("no answer".to_owned())))
    }

    /// Sends reads at the same time, each once. `None` for what did not come whole, or is a limit
    /// or an outage: that is to be asked for again.
    pub(super) fn read_at_once(&mut self, calls: &[Call]) -> Vec<Option<Answer>> {
        let Ok(timeout) = self.time_left() else { return calls.iter().map(|_| None).collect() };
        let answers = self.exchanges(calls, timeout);
        // Where nobody is there the question that follows need not find that out again. One that was not
        // let in beside another one is asked once more, alone.
        let is_unreached = |answer: &Result<Answer, Fault>| matches!(answer, Err(Fault::Unreached(_)));
        self.nobody = match answers.first() {
            Some(Err(fault)) if answers.iter().all(is_unreached) => Some(self.failed(&calls[0], fault)),
            _ => None,
        };
        let is_good = |a: &Answer| a.status < 500 && classify::limit(a, false).is_none();
        answers.into_iter().map(|answer| answer.ok().filter(is_good)).collect()
    }

    fn exchanges(&mut self, calls: &[Call], timeout: Duration) -> Vec<Result<Answer, Fault>> {
        let wire: Box<dyn Wire> = match self.wire.take() {
            Some(open) => open,
            None => match Transport::open(self.address.is_plain()) {
                Ok(open) => Box::new(open),
                Err(why) => return calls.iter().map(|_| Err(Fault::Unreached(why.clone()))).collect(),
            },
        };
        let url = |call: &Call| match call.graphql {
            true => self.address.graphql().to_owned(),
            false => format!("{}{}", self.address.rest(), call.path),
        };
        let urls: Vec<String> = calls.iter().map(url).collect();
        self.requests += calls.len() as u64;
        (self.progress)(&format!("asking {}, request {}", self.address.host(), self.requests));
        let exchanges: Vec<Exchange<'_>> =
            calls.iter().zip(&urls).map(|(call, url)| self.wrapped(call, url, timeout)).collect();
        let answers = match exchanges.as_slice() {
            [only] => vec![wire.send(only)],
            several => wire.send_at_once(several),
        };
        self.wire = Some(wire);
        for answer in answers.iter().flatten() {
            self.now = classify::date(answer).or(self.now);
        }
        answers
    }

    fn wrapped<'c>(&self, call: &'c Call, url: &'c str, timeout: Duration) -> Exchange<'c> {
        Exchange {
            method: &call.method,
            url,
            body: call.body.as_deref(),
            authorization: self.token.as_ref().and_then(Token::header),
            if_none_match: call.known.as_deref(),
            timeout,
        }
    }

    fn failed(&self, call: &Call, fault: &Fault) -> ForgeError {
        match fault {
            Fault::Unreached(reason) => ForgeError::Offline { host: self.host(), reason: self.clean(reason) },
            Fault::Broken(reason) => ForgeError::Broken { host: self.host(), reason: self.clean(reason) },
            Fault::Slow => ForgeError::TimedOut { host: self.host() },
            Fault::TooLarge => classify::unreadable(&call.what(), "it is larger than 10 MB"),
        }
    }

    fn limited(&self, limit: Limit, wait: Option<u64>) -> ForgeError {
        let Limit { until, secondary, .. } = limit;
        ForgeError::RateLimited { host: self.host(), wait, until, secondary }
    }

    /// Waits for a limit to pass. Where GitHub states no wait for the secondary limit, each
    /// time it strikes again the wait is twice as long, as GitHub asks.
    ///
    /// # Errors
    /// When that takes too long, or was done too often for this request.
    fn sit_out(&self, limit: Limit, waits: u32) -> Result<(), ForgeError> {
        let factor = if limit.stated { 1 } else { 1 << waits.min(WAITS) };
        let wait = limit.wait.map(|w| w.saturating_mul(factor));
        let bearable = wait.map(Duration::from_secs).filter(|w| *w <= self.patience && self.fits(*w));
        let Some(pause) = bearable.filter(|_| waits < WAITS) else {
            return Err(self.limited(limit, wait));
        };
        let host = self.address.host();
        (self.progress)(&format!("waiting {} s for the rate limit of {host}", pause.as_secs()));
        self.clock.sleep(pause);
        Ok(())
    }

    /// Keeps writes that create apart. An emulator on this machine needs no such care.
    fn pace(&mut self, creates: usize) -> Result<(), ForgeError> {
        if self.address.is_loopback() {
            return Ok(());
        }
        if let Some((last, count)) = self.created {
            let since = self.clock.monotonic().saturating_sub(last);
            let pause = PACE.saturating_mul(count).saturating_sub(since);
            if !self.fits(pause) {
                return Err(ForgeError::TimedOut { host: self.host() });
            }
            if !pause.is_zero() {
                self.clock.sleep(pause);
            }
        }
        let count = u32::try_from(creates).unwrap_or(u32::MAX);
        self.created = Some((self.clock.monotonic(), count));
        Ok(())
    }

    fn fits(&self, pause: Duration) -> bool {
        self.deadline.is_none_or(|end| self.clock.monotonic().saturating_add(pause) < end)
    }

    /// How long the next request may take.
    fn time_left(&self) -> Result<Duration, ForgeError> {
        let Some(end) = self.deadline else { return Ok(TIMEOUT) };
        let left = end.saturating_sub(self.clock.monotonic());
        if left.is_zero() { Err(ForgeError::TimedOut { host: self.host() }) } else { Ok(left.min(TIMEOUT)) }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    #[derive(Clone, Default)]
    struct Still(Rc<RefCell<Vec<Duration>>>);

    impl Clock for Still {
        fn monotonic(&self) -> Duration {
            self.0.borrow().iter().sum()
        }

        fn sleep(&self, time: Duration) {
            self.0.borrow_mut().push(time);
        }
    }

    fn sender(host: &str, api: Option<&str>, deadline: Option<Duration>) -> (Sender, Still) {
        let clock = Still::default();
        let address = Address::new(host, api, None).expect("valid");
        let slug = RepoSlug::parse("acme/app").expect("valid");
        let options = Options { clock: Box::new(clock.clone()), deadline, ..Options::new(address, slug) };
        (Sender::new(options), clock)
    }

    #[test]
    fn what_creates_is_a_second_apart() {
        let (mut far, clock) = sender("github.com", None, None);
        far.pace(1).expect("the first at once");
        far.pace(1).expect("the second after a second");
        clock.sleep(Duration::from_millis(700));
        far.pace(8).expect("the third after the rest of one");
        far.pace(1).expect("after eight, eight seconds");
        let waits: Vec<_> = clock.0.borrow().iter().map(Duration::as_millis).collect();
        assert_eq!(waits, [1_000, 700, 300, 8_000]);
        let (mut near, clock) = sender("github.com", Some("http://127.0.0.1:1"), None);
        near.pace(1).and_then(|()| near.pace(1)).expect("no pace");
        assert!(clock.0.borrow().is_empty());
        let (mut hurried, _) = sender("github.com", None, Some(Duration::from_millis(500)));
        hurried.pace(1).expect("the first at once");
        assert!(matches!(hurried.pace(1), Err(ForgeError::TimedOut { .. })));
    }

    /// A server that takes one connection at a time, or none.
    struct Narrow(bool);

    impl Wire for Narrow {
        fn send(&self, _: &Exchange<'_>) -> Result<Answer, Fault> {
            let answer = Answer { status: 200, headers: http::HeaderMap::new(), body: b"{}".to_vec() };
            if self.0 { Ok(answer) } else { Err(Fault::Unreached("refused".to_owned())) }
        }

        fn send_at_once(&self, exchanges: &[Exchange<'_>]) -> Vec<Result<Answer, Fault>> {
            let refused = || Err(Fault::Unreached("refused".to_owned()));
            let first = exchanges.iter().take(1).map(|exchange| self.send(exchange));
            first.chain(exchanges.iter().skip(1).map(|_| refused())).collect()
        }
    }

    #[test]
    fn who_is_let_in_alone_only_is_asked_again() {
        let calls = [Call::get("/a"), Call::get("/b")];
        for (lets_in, answered) in [(true, 1), (false, 0)] {
            let (mut sender, _) = sender("github.com", None, None);
            sender.wire = Some(Box::new(Narrow(lets_in)));
            let answers = sender.read_at_once(&calls);
            assert_eq!(answers.iter().flatten().count(), answered);
            assert_eq!(sender.read(&calls[1]).is_ok(), lets_in);
            // Nobody was there: that was not asked a third time.
            assert_eq!(sender.requests(), if lets_in { 3 } else { 2 });
        }
    }

    #[test]
    fn a_request_gets_what_is_left_of_the_time() {
        let (sender, clock) = sender("github.com", None, Some(Duration::from_secs(5)));
        assert_eq!(sender.time_left().ok(), Some(Duration::from_secs(5)));
        clock.sleep(Duration::from_secs(4));
        assert_eq!(sender.time_left().ok(), Some(Duration::from_secs(1)));
        clock.sleep(Duration::from_secs(1));
        assert!(sender.time_left().is_err());
    }
}
