//! The wording of machines: what in a message is said anew in every run, and what stays.
//!
//! Floor 0, pure. Two failures, or two lines of a log, say the same thing in other words:
//! another time, another port, another folder below `/tmp`. [`normalise`] puts placeholders
//! there, and [`for_people`] leaves out only what tells a reader nothing. `matching` and `logs`
//! compare texts by it. There is no regular expression: one scanner reads a line from left to
//! right, and what it does not know stays as it is.
//!
//! What it leaves out: secrets (`redact` takes those before), and languages. A number that is
//! written in words stays, and so do names.

mod moment;
mod path;
mod plain;
mod scan;
mod word;

pub use plain::{plain, shortened};

use scan::{Reader, line};

/// A text with placeholders for whatever changes from run to run.
///
/// Times, dates and durations, addresses in memory and in networks, ports that a system hands
/// out, ids, hashes, numbers, temporary folders and the prefixes of absolute paths. Terminal
/// escapes are dropped, blanks are joined and empty lines left out. Doing it twice changes
/// nothing. Ports of services, HTTP statuses and exit codes stay: they tell causes apart.
pub fn normalise(text: &str) -> String {
    each_line(text, Reader::Machine)
}

/// A text without addresses, ids and absolute paths, for a person; numbers and names stay.
pub fn for_people(text: &str) -> String {
    each_line(text, Reader::Person)
}

/// As [`normalise`], but numbers of up to four digits stay: whether two assertions have the
/// same values.
pub fn with_numbers(text: &str) -> String {
    each_line(text, Reader::Values)
}

/// Whether a port tells a service: it is not one that a system hands out to whoever asks.
pub fn is_service_port(port: u32) -> bool {
    matches!(port, 20..=25 | 53 | 80 | 88 | 110 | 143 | 389 | 443 | 465 | 587 | 636 | 993 | 1024..=9999)
        || matches!(port, 10250 | 11211 | 15672 | 16379 | 18080 | 19092 | 26257 | 27017..=27019 | 28015)
        || matches!(port, 29092 | 50051 | 50070)
}

/// A 64-bit hash that is the same on every machine and in every version.
///
/// FNV-1a (Fowler, Noll, Vo), mixed as `MurmurHash3` ends (Appleby).
pub fn hash(text: &str) -> u64 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let mut mixed = text.bytes().fold(0xcbf2_9ce4_8422_2325, fold);
    mixed ^= mixed >> 33;
    mixed = mixed.wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^= mixed >> 33;
    mixed = mixed.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    mixed ^ mixed >> 33
}

/// How often a line is read again until nothing changes. What one reading leaves may read
/// differently (a word that was in a path is gone); more than three have not been seen.
const ROUNDS: usize = 6;

fn each_line(text: &str, reader: Reader) -> String {
    let text = plain(text);
    let mut out = String::with_capacity(text.len());
    for raw in text.lines() {
        let mut now = joined(raw);
        for _ in 0..ROUNDS {
            let next = joined(&line(&now, reader));
            if next == now {
                break;
            }
            now = next;
        }
        if !now.is_empty() {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(&now);
        }
    }
    out
}

/// A line whose blanks are single, with none at its ends.
fn joined(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for word in line.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn becomes(text: &str, wanted: &str) {
        let once = normalise(text);
        assert_eq!(once, wanted);
        assert_eq!(normalise(&once), once, "a second reading changes nothing");
    }

    #[test]
    fn moments_and_durations() {
        becomes("at 2025-09-14T11:59:30.123Z it ended", "at <time> it ended");
        becomes("2025-09-14 11:59:30,123 ERROR x", "<time> ERROR x");
        becomes("2025/09/14 11:59:30 x", "<time> x");
        becomes("Sep 14 11:59:30 host x", "<time> host x");
        becomes("[14/Sep/2025:11:59:30 +0000] x", "[<time>] x");
        becomes("Sun, 14 Sep 2025 11:59:30 GMT", "<time>");
        becomes("20250914T115930Z", "<time>");
        becomes("took 12ms, 0.53s, 1m30.5s and 3 seconds", "took <dur>, <dur>, <dur> and <dur>");
        becomes("after 0:00:05.123456", "after <time>");
        becomes("may be 3 in the end", "may be <n> in the end");
    }

    #[test]
    fn addresses_ids_and_hashes() {
        becomes("<Foo object at 0x7f3a2c1b>", "<Foo object at <hex>>");
        becomes("com.x.Foo@1a2b3c4d", "com.x.Foo@<hex>");
        becomes("com.x.Foo@12345678", "com.x.Foo@<hex>");
        becomes("id 6fa459ea-ee8a-3ca4-894e-db77e160355e gone", "id <uuid> gone");
        becomes("commit 8843d7f92416211de9ebb963ff4ce28125932878", "commit <hex>");
        becomes("user_42 and worker-3 of gw1", "user_<n> and worker-<n> of gw<n>");
        becomes("utf8 sha256 int64 E0433 TS2345 stay", "utf8 sha256 int64 E0433 TS2345 stay");
        becomes("key aGVsbG8gd29ybGQgMTIzNDU2Nzg5 bad", "key <id> bad");
    }

    #[test]
    fn numbers_but_not_statuses() {
        becomes("assert 5 == -7.5e3", "assert <n> == <n>");
        becomes("1,234 of 5_000 at 80%", "<n> of <n> at <n>%");
        becomes("HTTP 404: got 12 rows", "HTTP 404: got <n> rows");
        becomes("assert 500 == 200 where status_code", "assert 500 == 200 where status_code");
        becomes("exit code 137", "exit code 137");
        becomes("[Errno 2] No such file", "[Errno 2] No such file");
        becomes("line 12, in f", "line <n>, in f");
    }

    #[test]
    fn ports_and_hosts() {
        becomes("connect 127.0.0.1:5432 refused", "connect localhost:5432 refused");
        becomes("connect localhost:43121 refused", "connect localhost:<port> refused");
        becomes("http://10.1.2.3:8080/a?id=17", "http://<ip>:8080/a?id=<n>");
        becomes("db:5432", "db:5432");
        becomes("[::1]:6379", "[localhost]:6379");
        becomes("src/main.rs:5432:7", "src/main.rs:<n>:<n>");
    }

    #[test]
    fn paths_lose_what_is_before_their_name() {
        becomes("in /home/a/proj/src/x.py:12", "in <path>/x.py:<n>");
        becomes("open '/tmp/pytest-of-root/pytest-0/test_a0/data.json'", "open '<tmp>/data.json'");
        becomes("/tmp/tmpab12cd_x gone", "<tmp> gone");
        becomes("/var/folders/zz/abc/T/x1/out.log", "<tmp>/out.log");
        becomes(r"C:\Users\me\proj\x.py bad", "<path>/x.py bad");
        becomes("GET /api/users failed", "GET /api/users failed");
        becomes("src/x.py and ./y/z.js", "src/x.py and ./y/z.js");
        becomes("file:///home/a/b/c.mjs:1:2", "<path>/c.mjs:<n>:<n>");
    }

    #[test]
    fn escapes_and_blanks() {
        becomes("\u{1b}[31mred\u{1b}[0m\t  x \r\n\n y", "red x\ny");
        becomes("\u{1b}\u{1b}[0m[x", "[x");
        becomes("", "");
    }

    #[test]
    fn people_keep_numbers_and_lose_machines() {
        assert_eq!(for_people("assert 5 == 7 in /home/a/b/x.py:3"), "assert 5 == 7 in x.py:3");
        assert_eq!(for_people("<Foo at 0x7f3a2c1b> is None"), "<Foo> is None");
        assert_eq!(for_people("no '/tmp/pytest-0/a/data.json' here"), "no 'data.json' here");
        assert_eq!(for_people("took 3 seconds on port 5432"), "took 3 seconds on port 5432");
    }
}
