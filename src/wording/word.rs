//! Words with digits in them: which are names, and which are made up anew each time.

/// Names that have digits for good.
const NAMES: [&str; 64] = [
    "utf8", "utf16", "utf32", "sha1", "sha224", "sha256", "sha384", "sha512", "md5", "crc32", "int8",
    "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "i8", "i16",
    "i32", "i64", "i128", "u8", "u16", "u32", "u64", "u128", "f32", "f64", "x86", "x86_64", "amd64", "arm64",
    "aarch64", "base64", "base32", "http2", "http3", "ipv4", "ipv6", "h2", "es6", "oauth2", "s3", "ec2",
    "k8s", "python2", "python3", "log4j", "i18n", "l10n", "v1", "v2", "v3", "v4", "latin1", "iso8859",
    "p256", "ed25519", "sqlite3", "neo4j",
];

/// What a word with digits is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A name, which stays.
    Name,
    /// Digits of a hash or an address.
    Hex,
    /// Something random.
    Id,
    /// A name for something temporary.
    Temporary,
    /// A name with numbers in it: `worker3`.
    Numbered,
}

/// What a run of letters, digits and `_` is that begins with a letter or `_`.
pub(super) fn word(text: &str) -> Word {
    let has_digit = text.bytes().any(|b| b.is_ascii_digit());
    let is_long = text.len() >= 24;
    if !has_digit {
        let below = text.strip_prefix("tmp").is_some_and(|t| t.len() == 8 && !t.contains("__"));
        return if below && !text[3..].starts_with('_') { Word::Temporary } else { Word::Name };
    }
    if NAMES.contains(&text.to_ascii_lowercase().as_str()) || is_code(text) {
        return Word::Name;
    }
    if text.starts_with("tmp") && text.len() >= 8 {
        return Word::Temporary;
    }
    if is_hex(text, 8) {
        return Word::Hex;
    }
    // Names change between letters and digits seldom, random ones all the time.
    let mut changes = 0;
    let mut before = None;
    for b in text.bytes().filter(|b| *b != b'_') {
        let digit = b.is_ascii_digit();
        changes += usize::from(before.is_some_and(|d| d != digit));
        before = Some(digit);
    }
    if changes >= 4 && text.len() >= 12 || is_long && changes >= 2 && mixed_case(text) && !text.contains('_')
    {
        return Word::Id;
    }
    Word::Numbered
}

/// Whether a text is at least `least` hexadecimal digits, letters and numbers both.
pub(super) fn is_hex(text: &str, least: usize) -> bool {
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    text.len() >= least
        && text.bytes().all(|b| b.is_ascii_hexdigit())
        && letters > 0
        && letters < text.len()
        && (text.bytes().all(|b| !b.is_ascii_uppercase()) || text.bytes().all(|b| !b.is_ascii_lowercase()))
}

/// `E0433`, `TS2345`, `HY000`: the code of an error.
fn is_code(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = text.len() - letters;
    (1..=5).contains(&letters)
        && (3..=5).contains(&digits)
        && text.bytes().skip(letters).all(|b| b.is_ascii_digit())
}

fn mixed_case(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_lowercase()) && text.bytes().any(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_words() {
        for (text, wanted) in [
            ("worker3", Word::Numbered),
            ("test_user_12", Word::Numbered),
            ("deadbeef12", Word::Hex),
            ("E0433", Word::Name),
            ("x86_64", Word::Name),
            ("tmpab12cdef", Word::Temporary),
            ("tmpabcdwxyz", Word::Temporary),
            ("tmp_path", Word::Name),
            ("a1b2c3z9y8x7", Word::Id),
            ("WebSocketBridgeFactoryManager", Word::Name),
        ] {
            assert_eq!(word(text), wanted, "{text}");
        }
    }
}
