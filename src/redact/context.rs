//! Secrets that only their surroundings give away: the user's part of an address, headers,
//! cookies, options of a command line, values assigned to a telling name.

use crate::redact::judge::{self, ALNUM, Mix, Set, is_in};
use crate::redact::names::secret_name;
use crate::redact::tokens::is_tail;
use crate::redact::view::Text;
use crate::redact::{Hit, What};

/// The longest value that is looked at.
const LONG: usize = 2_048;
/// How many characters of a value are judged; the rest of a longer one goes with them.
const JUDGED: usize = 256;
/// What ends a value that has no quotes.
const BLANKS: Set = judge::set(b" \t\x0b\x0c");
const LINE_ENDS: Set = judge::set(b"\n\r");
const QUOTES: Set = judge::set(b"\"'`");
/// What may stand on a line that a value goes on over.
const TAIL: Set = judge::BASE64 | judge::DOTTED | judge::set(b"%~!*");
const AFTER: Set = judge::set(b",;&<>(){}|\\");
/// The longest name.
const NAME: usize = 80;

/// Bytes at which [`find`] looks closer.
static BEGINS: [bool; 256] = {
    let (mut table, marks) = ([false; 256], b":=>-l");
    let mut at = 0;
    while at < marks.len() {
        table[marks[at] as usize] = true;
        at += 1;
    }
    table
};

/// Finds all of them that stand on one line.
pub(super) fn find(bytes: &[u8], hits: &mut Vec<Hit>) {
    for (at, byte) in bytes.iter().enumerate() {
        // Nearly no byte begins anything: one look at a table says so.
        if !BEGINS[usize::from(*byte)] {
            continue;
        }
        match byte {
            b':' if bytes[at..].starts_with(b"://") => hits.extend(userinfo(bytes, at)),
            b':' | b'=' => hits.extend(assignment(bytes, at)),
            b'>' => hits.extend(element(bytes, at)),
            b'-' if at == 0 || matches!(bytes[at - 1], b' ' | b'"' | b'\'' | b'\t' | b'[' | b'\n') => {
                hits.extend(option(bytes, at));
            }
            b'l' if bytes[at..].starts_with(b"login ") => hits.extend(netrc(bytes, at)),
            _ => {}
        }
    }
}

/// Those that a line end cuts, in a text whose lines were joined at its seams. What stands
/// in quotes goes on to where they close, all else only over lines that hold nothing more.
pub(super) fn find_wrapped(text: Text<'_>, hits: &mut Vec<Hit>) {
    let bytes = text.bytes;
    let mut found = Vec::new();
    find(bytes, &mut found);
    for mut hit in found {
        let quote = hit.span.start.checked_sub(1).map(|i| bytes[i]).filter(|b| is_in(QUOTES, *b));
        let closed = quote.is_some() && bytes.get(hit.span.end).copied() == quote;
        let at_host = bytes.get(hit.span.end) == Some(&b'@');
        if !closed && !at_host {
            let first = text.seams.partition_point(|s| *s <= hit.span.start);
            let seams = text.seams[first..].iter().take_while(|s| **s < hit.span.end);
            let last = seams.copied().find(|seam| !is_tail(text, *seam, TAIL));
            hit.span.end = last.unwrap_or(hit.span.end);
        }
        hits.push(hit);
    }
}

/// `user:password@` or a bare token before the `@`, from the `://` at `at`.
fn userinfo(bytes: &[u8], at: usize) -> Option<Hit> {
    let scheme =
        bytes[..at].iter().rev().take(20).take_while(|b| is_in(ALNUM, **b) || b"+-.".contains(b)).count();
    if scheme == 0 {
        return None;
    }
    let start = at + 3;
    let ends = |b: &u8| b.is_ascii_whitespace() || b"/?#\"'<>`\\{}|^".contains(b) || *b < 0x20;
    let end = start
        + bytes[start..].iter().take(LONG).position(ends).unwrap_or(bytes.len().min(start + LONG) - start);
    let authority = &bytes[start..end];
    let Some(user_end) = authority.iter().rposition(|b| *b == b'@') else {
        return cut_userinfo(bytes, start, end);
    };
    let user = &authority[..user_end];
    // A host has to follow, or it is a sentence.
    if !authority.get(user_end + 1).is_some_and(|b| is_in(ALNUM, *b) || *b == b'[') {
        return None;
    }
    let secret = match user.iter().position(|b| *b == b':') {
        Some(colon) => {
            let password = &user[colon + 1..];
            !password.is_empty() && !is_blanked(password)
        }
        None => user.len() >= 16 && Mix::of(user).is_random(),
    };
    secret.then(|| Hit { span: start..start + user_end, what: What::Context("url-userinfo") })
}

/// An address that breaks off in its password. A port has no letters.
fn cut_userinfo(bytes: &[u8], start: usize, end: usize) -> Option<Hit> {
    let authority = &bytes[start..end];
    let colon = authority.iter().position(|b| *b == b':')?;
    let mut password = &authority[colon + 1..];
    while let [rest @ .., b'.' | 0x80..] = password {
        password = rest;
    }
    let stop = start + colon + 1 + password.len();
    let random = password.len() >= 8 && Mix::of(password).is_random() && !password[0].is_ascii_digit();
    let is_cut = judge::is_cut(bytes, stop);
    (random && is_cut).then_some(Hit { span: start..stop, what: What::Context("url-userinfo") })
}

/// Something that stands for a password: stars, a variable.
fn is_blanked(password: &[u8]) -> bool {
    let same = password.iter().all(|b| b"*.xX".contains(b));
    same || matches!(password, [b'$' | b'%' | b'[' | b'(', ..])
}

/// `name = value`, `name: value` in any language, with the separator at `at`.
fn assignment(bytes: &[u8], at: usize) -> Option<Hit> {
    let next = bytes.get(at + 1).copied()?;
    let previous = at.checked_sub(1).map(|i| bytes[i])?;
    let is_compared = matches!(previous, b'!' | b'<' | b'=' | b'>' | b'~') || matches!(next, b'=' | b'~');
    if bytes[at] == b'=' && is_compared
        || bytes[at] == b':' && (previous == b':' || matches!(next, b':' | b'='))
    {
        return None;
    }
    let name_end = before_name(bytes, at);
    let name = bytes[..name_end]
        .iter()
        .rev()
        .take(NAME + 1)
        .take_while(|b| is_in(ALNUM, **b) || b"_-.".contains(b))
        .count();
    if !(3..=NAME).contains(&name) {
        return None;
    }
    let name = &bytes[name_end - name..name_end];
    if name.eq_ignore_ascii_case(b"sig") {
        return shared_access_signature(bytes, at + 1);
    }
    // In `arn:aws:secretsmanager:…:secret:db-…` the name is one of many parts.
    let is_part = name_end > name.len() && bytes[name_end - name.len() - 1] == b':' && bytes[at] == b':';
    if is_part && !next.is_ascii_whitespace() {
        return None;
    }
    let kind = secret_name(name)?;
    let mut start = at + 1;
    while start < bytes.len() && start < at + 12 && matches!(bytes[start], b' ' | b'\t' | b'>' | b'\\') {
        start += 1;
    }
    value(bytes, start, kind)
}

/// The end of the name before a separator: over blanks, a closing quote, a bracket.
fn before_name(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    let limit = at.saturating_sub(6);
    while end > limit && matches!(bytes[end - 1], b' ' | b'\t' | b'"' | b'\'' | b'`' | b']' | b'\\' | b':') {
        end -= 1;
    }
    end
}

/// The value that begins at `start`, if it looks like what its name says.
fn value(bytes: &[u8], start: usize, kind: &'static str) -> Option<Hit> {
    let quote = bytes.get(start).copied().filter(|b| matches!(b, b'"' | b'\'' | b'`'));
    let start = start + usize::from(quote.is_some());
    // What is judged is short; only what is a secret is followed to its end.
    let is_header = matches!(kind, "authorization" | "cookie");
    let near = if is_header { LONG } else { JUDGED };
    let start = start.min(bytes.len());
    let rest = &bytes[start..bytes.len().min(start + near)];
    let ends = |b: u8| match quote {
        Some(quote) => b == quote || matches!(b, b'\\' | b'\n' | b'\r'),
        None if is_header => is_in(QUOTES | LINE_ENDS, b),
        None => is_in(BLANKS | LINE_ENDS | QUOTES | AFTER, b),
    };
    let length = rest.iter().position(|b| ends(*b)).unwrap_or(rest.len());
    let value = rest[..length].trim_ascii_end();
    match kind {
        "authorization" => return authorization(start, value),
        "cookie" => return cookies(start, value),
        _ => {}
    }
    let called = quote.is_none() && rest.get(length).is_some_and(|b| matches!(b, b'(' | b'{'));
    let value = match quote {
        None => &value[..value.len() - value.iter().rev().take_while(|b| b".:".contains(b)).count()],
        Some(_) => value,
    };
    if called || !is_secret_value(value, kind, quote.is_some()) {
        return None;
    }
    let beyond = bytes[start..].iter().take(1 << 16).position(|b| ends(*b));
    let length =
        if length < near { value.len() } else { beyond.unwrap_or((bytes.len() - start).min(1 << 16)) };
    Some(Hit { span: start..start + length, what: What::Named(kind) })
}

fn is_secret_value(value: &[u8], kind: &str, quoted: bool) -> bool {
    let value = &value[..value.len().min(JUDGED)];
    if value.len() < 8 {
        return false;
    }
    let mix = Mix::of(value);
    let blanks = value.iter().filter(|b| b.is_ascii_whitespace()).count();
    if blanks > 0 && (kind != "password" || blanks > 1 || mix.digits == 0) {
        return false;
    }
    let letters = mix.uppers + mix.lowers;
    // A number is a count or a port, words with dots are code.
    let is_code = mix.digits == 0 && value.iter().any(|b| b".:".contains(b));
    let mixed = mix.digits > 0 && letters > 0 || mix.digits >= 16;
    let marked = kind == "password" && letters > 3 && value.iter().any(|b| b"!@#$%^&*?~+".contains(b));
    // Capitals all over, and not only where a word begins.
    let capitals = mix.uppers * 4 >= value.len() && mix.lowers * 5 >= value.len();
    let cased = capitals && value.len() >= 10 && mix.others == 0;
    let word = kind == "password"
        && quoted
        && value.len() >= 12
        && blanks == 0
        && mix.others == 0
        && mix.distinct > 8;
    let random = !is_code && (mixed || marked || cased || word) && judge::entropy(value) >= 2.7;
    random && !judge::is_placeholder(value) && !judge::is_path(value)
}

/// The credentials of an `Authorization` header, whatever the scheme.
fn authorization(start: usize, value: &[u8]) -> Option<Hit> {
    let from = match value.iter().position(|b| *b == b' ') {
        Some(blank) if value[..blank].iter().all(|b| is_in(ALNUM, *b) || *b == b'-') => blank + 1,
        Some(_) => return None,
        None => 0,
    };
    let credentials = &value[from..];
    let what = What::Context("authorization");
    let hidden = credentials.len() < 6 || judge::is_placeholder(credentials);
    let code = credentials.iter().any(|b| b"({".contains(b));
    let words = Mix::of(credentials).digits == 0 && credentials.contains(&b' ');
    (!hidden && !code && !words).then(|| Hit { span: start + from..start + value.len(), what })
}

/// A `Cookie` header as a whole, where one of its values is long or random.
fn cookies(start: usize, value: &[u8]) -> Option<Hit> {
    let telling = value.split(|b| *b == b';').any(|pair| {
        let mut parts = pair.splitn(2, |b| *b == b'=');
        let content = parts.nth(1).unwrap_or_default().trim_ascii();
        content.len() >= 8 && Mix::of(content).is_random() && !judge::is_placeholder(content)
    });
    telling.then(|| Hit { span: start..start + value.len(), what: What::Context("cookie") })
}

/// The signature of an Azure address: 32 bytes in base64, usually percent-coded.
fn shared_access_signature(bytes: &[u8], start: usize) -> Option<Hit> {
    let length =
        bytes[start..].iter().take(120).take_while(|b| is_in(judge::BASE64, **b) || **b == b'%').count();
    let span = start..start + length;
    let whole = length >= 43;
    let cut = length >= 8 && judge::is_cut(bytes, span.end) && Mix::of(&bytes[span.clone()]).is_very_random();
    (whole || cut).then_some(Hit { span, what: What::Shape("azure-signature") })
}

/// `<password>value</password>`.
fn element(bytes: &[u8], at: usize) -> Option<Hit> {
    let name =
        bytes[..at].iter().rev().take(NAME).take_while(|b| is_in(ALNUM, **b) || b"_-.".contains(b)).count();
    let begin = at.checked_sub(name + 1)?;
    if bytes[begin] != b'<' || name < 3 {
        return None;
    }
    let kind = secret_name(&bytes[begin + 1..at])?;
    let length = bytes[at + 1..].iter().take(LONG).position(|b| matches!(b, b'<' | b'\n'))?;
    let end = at + 1 + length;
    let closes = bytes[end..].starts_with(b"</");
    let value = &bytes[at + 1..end];
    (closes && is_secret_value(value, kind, true))
        .then_some(Hit { span: at + 1..end, what: What::Named(kind) })
}

/// `--token value` and `curl -u user:password`.
fn option(bytes: &[u8], at: usize) -> Option<Hit> {
    let dashes = bytes[at..].iter().take(2).take_while(|b| **b == b'-').count();
    let name_start = at + dashes;
    let name =
        bytes[name_start..].iter().take(NAME).take_while(|b| is_in(ALNUM, **b) || b"_-".contains(b)).count();
    let name_end = name_start + name;
    let word = &bytes[name_start..name_end];
    let glued = dashes == 1 && word.len() > 1 && word[0] == b'u';
    let mut start = if glued { name_start + 1 } else { name_end };
    let blanks =
        bytes[start..].iter().take(4).take_while(|b| matches!(b, b' ' | b'"' | b'\'' | b',')).count();
    start += blanks;
    if glued || matches!(word, b"u" | b"user" | b"proxy-user" | b"U") {
        let ends = |b: &u8| b.is_ascii_whitespace() || b"\"'`".contains(b);
        let length = bytes[start..].iter().take(LONG).position(ends).unwrap_or(bytes.len() - start);
        let pair = &bytes[start..start + length];
        let password = pair.iter().position(|b| *b == b':').map(|colon| &pair[colon + 1..])?;
        let line = bytes[..at].iter().rev().take(300).take_while(|b| **b != b'\n').count();
        let before = &bytes[at - line..at];
        let is_curl =
            [&b"curl"[..], b"http", b"wget"].iter().any(|w| before.windows(w.len()).any(|x| x == *w));
        let hidden = password.is_empty() || is_blanked(password) || judge::is_placeholder(password);
        let numbers = password.iter().all(u8::is_ascii_digit);
        let span = start..start + length;
        return (is_curl && !hidden && !numbers).then_some(Hit { span, what: What::Context("url-userinfo") });
    }
    if blanks == 0 || dashes != 2 {
        return None;
    }
    value(bytes, start, secret_name(word).filter(|kind| !matches!(*kind, "authorization" | "cookie"))?)
}

/// `login name password value` of a .netrc.
fn netrc(bytes: &[u8], at: usize) -> Option<Hit> {
    let line = &bytes[at..bytes.len().min(at + 400)];
    let password = line.windows(10).position(|w| w == b" password ")? + 10;
    if line[6..password - 10].iter().filter(|b| b.is_ascii_whitespace()).count() > 1 {
        return None;
    }
    let length = line[password..].iter().position(u8::is_ascii_whitespace).unwrap_or(line.len() - password);
    let value = &line[password..password + length];
    let span = at + password..at + password + length;
    (value.len() >= 6 && !judge::is_placeholder(value)).then_some(Hit { span, what: What::Named("password") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let mut hits = Vec::new();
        find(text.as_bytes(), &mut hits);
        hits.iter().map(|h| text[h.span.clone()].to_owned()).collect()
    }

    #[test]
    fn the_part_of_an_address_before_the_at() {
        assert_eq!(found("see https://ann:hush@db.example.org/x"), ["ann:hush"]);
        assert_eq!(found("redis://:h@ck@10.0.0.1:6379"), [":h@ck"]);
        assert_eq!(found("https://a8Kq02mZ31Lk94Xc@example.org"), ["a8Kq02mZ31Lk94Xc"]);
        for text in [
            "ssh://git@example.org/a.git",
            "https://example.org/@scope/x",
            "http://localhost:8080/a@b",
            "https://${USER}:${PASS}@example.org",
            "ftp://ann:***@example.org",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn headers_options_and_assignments() {
        let basic = format!("{}{}", "YW5uOmh1", "c2g=");
        assert_eq!(found(&format!("Authorization: Basic {basic}")), [basic.as_str()]);
        assert_eq!(found("curl -u ann:hush7 https://example.org"), ["ann:hush7"]);
        assert_eq!(found("deploy --token a8Kq02mZ31 now"), ["a8Kq02mZ31"]);
        assert_eq!(found("{\"password\": \"a8Kq02mZ31\"}"), ["a8Kq02mZ31"]);
        assert_eq!(found("db_password=a8Kq02mZ31;Timeout=30"), ["a8Kq02mZ31"]);
        assert_eq!(found("config['api_key'] = 'a8Kq02mZ31'"), ["a8Kq02mZ31"]);
        assert_eq!(found("<password>a8Kq02mZ31</password>"), ["a8Kq02mZ31"]);
        assert_eq!(found("machine x login ann password hush77"), ["hush77"]);
        for text in [
            "docker run -u 1000:1000 image",
            "token = os.environ['TOKEN']",
            "password: string",
            "secret = load_secret(path)",
            "token: Option<String>",
            "if token == expected1234",
            "Secret::new(a1b2c3d4e5)",
            "password: ${DB_PASSWORD}",
            "key = a8Kq02mZ31",
            "Authorization: Bearer <token>",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }
}
