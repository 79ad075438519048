//! Answers that are kept from one run to the next, so that GitHub need only say that they still
//! hold (304), which costs nothing of the hourly limit.
//!
//! Kept are the repository and lists of one page, whole and as they came; what they mean is read
//! anew each time. Disposable: what is missing, damaged, of another token, address or version is
//! asked for as if it had never been there. An ETag is good for one token only (reliability 2.5),
//! so the file carries four bytes of the token's SHA-256: enough to tell tokens apart, and nothing
//! that a token could be made from.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::forge::transport::Answer;
use crate::forge::{Address, Token};

/// More of them are never kept, and none that is larger than this.
const MOST: usize = 4;
const LARGEST: usize = 2 << 20;

const VERSION: u32 = 1;

/// Where kept answers live between two runs. Losing them costs requests, nothing else.
pub trait Answers {
    /// All bytes that were written last, if there are any.
    fn read(&mut self) -> Option<Vec<u8>>;

    /// Replaces them. A failure is no loss.
    fn write(&mut self, bytes: &[u8]);
}

/// The kept answers of one run.
#[derive(Default)]
pub(super) struct Kept {
    store: Option<Box<dyn Answers>>,
    whose: String,
    rows: BTreeMap<String, Row>,
    is_read: bool,
    is_new: bool,
    used: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    etag: String,
    sum: u32,
    body: String,
}

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    whose: String,
    rows: BTreeMap<String, Row>,
}

impl Kept {
    pub(super) fn new(store: Option<Box<dyn Answers>>, address: &Address, token: Option<&Token>) -> Self {
        let mut hash = Sha256::new();
        hash.update(token.map(Token::secret).unwrap_or_default());
        let mark: String = hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Self {
            store,
            whose: format!("{} {} {mark}", env!("CARGO_PKG_VERSION"), address.rest()),
            ..Self::default()
        }
    }

    /// What GitHub called the answer to this path when it was kept.
    pub(super) fn etag(&mut self, path: &str) -> Option<String> {
        self.read();
        Some(self.rows.get(path)?.etag.clone())
    }

    /// The kept answer, in place of one that says that it still holds.
    pub(super) fn whole(&mut self, path: &str, still: Answer) -> Option<Answer> {
        self.read();
        let row = self.rows.get(path)?;
        self.used.insert(path.to_owned());
        Some(Answer { status: 200, body: row.body.clone().into_bytes(), ..still })
    }

    /// Keeps an answer that could be read, if it is whole by itself. It is written down by
    /// [`Self::save`].
    pub(super) fn keep(&mut self, path: &str, answer: &Answer) {
        self.read();
        if self.store.is_none() {
            return;
        }
        let is_whole = answer.status == 200 && !answer.headers.contains_key("link");
        let etag = answer.header("etag").filter(|_| is_whole && answer.body.len() <= LARGEST);
        let (Some(etag), Ok(body)) = (etag, String::from_utf8(answer.body.clone())) else {
            self.is_new |= self.rows.remove(path).is_some();
            return;
        };
        let row = Row { etag: etag.to_owned(), sum: crc32fast::hash(body.as_bytes()), body };
        if self.rows.get(path) == Some(&row) {
            return;
        }
        self.is_new = true;
        self.used.insert(path.to_owned());
        self.rows.insert(path.to_owned(), row);
        while self.rows.len() > MOST {
            let spare = self.rows.keys().find(|path| !self.used.contains(*path));
            let Some(spare) = spare.or_else(|| self.rows.keys().next()).cloned() else { break };
            self.rows.remove(&spare);
        }
    }

    /// Writes down what is new, for the next run. Who only looks never does.
    pub(super) fn save(&mut self) {
        let Some(store) = self.store.as_mut().filter(|_| std::mem::take(&mut self.is_new)) else { return };
        let file = File { version: VERSION, whose: self.whose.clone(), rows: std::mem::take(&mut self.rows) };
        store.write(&serde_json::to_vec(&file).unwrap_or_default());
        self.rows = file.rows;
    }

    fn read(&mut self) {
        if std::mem::replace(&mut self.is_read, true) {
            return;
        }
        let Some(bytes) = self.store.as_mut().and_then(|store| store.read()) else { return };
        let file: Option<File> = serde_json::from_slice(&bytes).ok();
        let file = file.filter(|file| file.version == VERSION && file.whose == self.whose);
        let rows = file.map(|file| file.rows).unwrap_or_default();
        let is_sound = |row: &Row| crc32fast::hash(row.body.as_bytes()) == row.sum;
        self.rows = rows.into_iter().filter(|(_, row)| is_sound(row)).collect();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use http::{HeaderMap, HeaderValue};

    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Rc<RefCell<Vec<u8>>>);

    impl Answers for Memory {
        fn read(&mut self) -> Option<Vec<u8>> {
            Some(self.0.borrow().clone())
        }

        fn write(&mut self, bytes: &[u8]) {
            *self.0.borrow_mut() = bytes.to_vec();
        }
    }

    fn kept(memory: &Memory, token: &str) -> Kept {
        let address = Address::new("github.com", None, None).expect("valid");
        let token = Token::new(token, "GH_TOKEN", "github.com");
        Kept::new(Some(Box::new(memory.clone())), &address, token.as_ref())
    }

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_str(value).expect("a value"));
        }
        Answer { status, headers: map, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn an_answer_is_kept_for_the_same_token_and_nobody_else() {
        let memory = Memory::default();
        let mut first = kept(&memory, "one");
        first.keep("/a", &answer(200, &[("etag", "\"1\"")], "[1]"));
        assert!(memory.0.borrow().is_empty(), "who only looks writes nothing");
        first.save();
        let mut again = kept(&memory, "one");
        assert_eq!(again.etag("/a").as_deref(), Some("\"1\""));
        let whole = again.whole("/a", answer(304, &[("date", "now")], "")).expect("kept");
        assert_eq!(
            (whole.status, whole.body.as_slice(), whole.header("date")),
            (200, &b"[1]"[..], Some("now"))
        );
        assert_eq!(again.etag("/b"), None);
        assert_eq!(kept(&memory, "two").etag("/a"), None);
        let text = String::from_utf8(memory.0.borrow().clone()).expect("text");
        assert!(!text.contains("one"), "{text}");
    }

    #[test]
    fn pages_of_a_longer_list_and_damaged_ones_are_not_kept() {
        let memory = Memory::default();
        let mut first = kept(&memory, "one");
        first.keep("/a", &answer(200, &[("etag", "\"1\"")], "[1]"));
        first.keep("/b", &answer(200, &[("etag", "\"2\""), ("link", "<x>; rel=\"next\"")], "[2]"));
        first.keep("/c", &answer(200, &[], "[3]"));
        assert_eq!((first.etag("/b"), first.etag("/c")), (None, None));
        // It was one page, and is more now.
        first.keep("/a", &answer(200, &[("etag", "\"4\""), ("link", "<x>; rel=\"next\"")], "[4]"));
        first.save();
        assert_eq!((first.etag("/a"), kept(&memory, "one").etag("/a")), (None, None));
        first.keep("/a", &answer(200, &[("etag", "\"5\"")], "[5]"));
        first.save();
        let sound = memory.0.borrow().clone();
        for at in 0..sound.len() {
            let mut bytes = sound.clone();
            bytes[at] = if bytes[at] == b'6' { b'7' } else { b'6' };
            *memory.0.borrow_mut() = bytes;
            let mut hurt = kept(&memory, "one");
            if let Some(whole) = hurt.whole("/a", answer(304, &[], "")) {
                assert_eq!(whole.body, b"[5]", "byte {at}");
            }
        }
    }

    #[test]
    fn few_are_kept_and_those_in_use_stay() {
        let memory = Memory::default();
        for i in 0..9 {
            let mut run = kept(&memory, "one");
            run.whole("/repository", answer(304, &[], ""));
            if i == 0 {
                run.keep("/repository", &answer(200, &[("etag", "\"r\"")], "{}"));
            }
            run.keep(&format!("/list{i}"), &answer(200, &[("etag", "\"l\"")], "[]"));
            run.save();
        }
        let mut last = kept(&memory, "one");
        assert!(last.etag("/repository").is_some() && last.etag("/list8").is_some());
        assert_eq!(last.rows.len(), MOST);
    }
}
