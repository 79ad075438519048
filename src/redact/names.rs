//! Names that say that a value is secret: of variables, of keys in a config, of headers.

use crate::redact::judge;

/// Last words of a name whose value is secret whatever comes before.
const NOUNS: [(&str, &str); 22] = [
    ("password", "password"),
    ("passwd", "password"),
    ("passphrase", "password"),
    ("passwort", "password"),
    ("pwd", "password"),
    ("pass", "password"),
    ("secret", "secret"),
    ("secrets", "secret"),
    ("credential", "secret"),
    ("credentials", "secret"),
    ("creds", "secret"),
    ("signature", "signature"),
    ("token", "token"),
    ("pat", "token"),
    ("jwt", "token"),
    ("bearer", "token"),
    ("auth", "token"),
    ("authorization", "authorization"),
    ("apikey", "api-key"),
    ("dsn", "secret"),
    ("cookie", "cookie"),
    ("sessionid", "token"),
];

/// Words that make a key a secret one.
const KEYS: [&str; 22] = [
    "api",
    "access",
    "secret",
    "private",
    "signing",
    "encryption",
    "encrypt",
    "master",
    "account",
    "auth",
    "license",
    "service",
    "admin",
    "consumer",
    "client",
    "shared",
    "app",
    "application",
    "storage",
    "ssh",
    "deploy",
    "webhook",
];

/// Words after the noun that don't take its meaning away.
const TAILS: [&str; 16] = [
    "base",
    "value",
    "prod",
    "production",
    "dev",
    "test",
    "staging",
    "live",
    "old",
    "new",
    "raw",
    "plain",
    "b64",
    "base64",
    "v1",
    "v2",
];

/// What a name's value is, if it is secret: `DB_PASSWORD`, `apiKey`, `x-auth-token`. The
/// last word decides, so that `token_count` and `password_file` are what they are.
pub(super) fn secret_name(name: &[u8]) -> Option<&'static str> {
    if !may_be_secret(name) {
        return None;
    }
    let words = words(name);
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    while words.len() > 1
        && words.last().is_some_and(|w| TAILS.contains(w) || w.bytes().all(|b| b.is_ascii_digit()))
    {
        words.pop();
    }
    let last = *words.last()?;
    let before = words.len().checked_sub(2).map_or("", |i| words[i]);
    match last {
        // Plainly public, or only part of another word.
        "signature" if !words.contains(&"amz") && !words.contains(&"goog") => None,
        "pass" | "pat" | "auth" | "secrets" | "cookie" if before.is_empty() && name.len() > 9 => None,
        "key" if KEYS.contains(&before) => Some("api-key"),
        _ => {
            let noun = NOUNS.iter().find(|(noun, _)| *noun == last);
            let glued =
                ["password", "passwd", "passphrase", "secret", "token", "apikey", "secretkey", "accesskey"];
            let glued = glued.iter().find(|g| last.len() > g.len() && last.ends_with(*g));
            noun.map(|(_, kind)| *kind).or_else(|| {
                Some(match *glued? {
                    "password" | "passwd" | "passphrase" => "password",
                    "secret" => "secret",
                    "token" => "token",
                    _ => "api-key",
                })
            })
        }
    }
}

/// Whether a name has any of the words at all: nearly none has, and taking one apart is slow.
fn may_be_secret(name: &[u8]) -> bool {
    const STEMS: [&[u8]; 14] = [
        b"pass",
        b"pwd",
        b"secret",
        b"token",
        b"key",
        b"cred",
        b"auth",
        b"cookie",
        b"dsn",
        b"jwt",
        b"bearer",
        b"pat",
        b"signature",
        b"sessionid",
    ];
    let begins = |at: usize| {
        let rest = &name[at..];
        // The first two letters of the stems, before they are gone through.
        let pair = [rest[0].to_ascii_lowercase(), rest[1].to_ascii_lowercase()];
        let may = matches!(
            &pair,
            b"pa" | b"pw" | b"se" | b"to" | b"ke" | b"cr" | b"au" | b"co" | b"ds" | b"jw" | b"be" | b"si"
        );
        may && STEMS.iter().any(|s| rest.len() >= s.len() && rest[..s.len()].eq_ignore_ascii_case(s))
    };
    (0..name.len().saturating_sub(1)).any(begins)
}

/// The words of a name in lower case: parted by signs, and by capitals.
fn words(name: &[u8]) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    for (i, byte) in name.iter().enumerate() {
        let after_small = i > 0 && !name[i - 1].is_ascii_uppercase();
        let before_small = name.get(i + 1).is_some_and(u8::is_ascii_lowercase);
        let splits = byte.is_ascii_uppercase() && (after_small || before_small);
        if !byte.is_ascii_alphanumeric() || splits {
            words.push(String::new());
        }
        if byte.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(char::from(byte.to_ascii_lowercase()));
        }
    }
    words.retain(|w| !w.is_empty());
    words
}

/// Whether the value of an environment variable is to be kept out of every text.
pub(super) fn is_secret_variable(name: &str, value: &str) -> bool {
    let says = speaks_of_a_secret(name);
    let value = value.trim().as_bytes();
    let with_password = has_password(value);
    let long = value.len() >= 8;
    let plain_number = value.len() < 13 && value.iter().all(u8::is_ascii_digit);
    long && (with_password
        || says && !judge::is_placeholder(value) && !judge::is_path(value) && !plain_number)
}

/// Whether the name of an environment variable says that its value is secret.
pub(super) fn speaks_of_a_secret(name: &str) -> bool {
    const PARTS: [&str; 10] =
        ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CRED", "COOKIE", "DSN", "APIKEY", "WEBHOOK"];
    const WORDS: [&str; 10] =
        ["PASS", "PWD", "KEY", "KEYS", "AUTH", "CONN", "CONNECTION", "JWT", "PAT", "SIGNATURE"];
    // What is about a secret and is none.
    const ABOUT: [&str; 22] = [
        "HOST",
        "PORT",
        "PATH",
        "FILE",
        "DIR",
        "NAME",
        "USER",
        "TYPE",
        "MODE",
        "METHOD",
        "TIMEOUT",
        "TTL",
        "REGION",
        "ENDPOINT",
        "SOCK",
        "EXPIRY",
        "EXPIRES",
        "LIMIT",
        "LENGTH",
        "VERSION",
        "ALGORITHM",
        "DATE",
    ];
    let upper = name.to_ascii_uppercase();
    let words: Vec<&str> = upper.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let last = words.last().copied().unwrap_or_default();
    let says = words.iter().any(|w| {
        PARTS.iter().any(|p| w.contains(p))
            || WORDS.contains(w)
            || ["KEY", "PASS"].iter().any(|e| w.ends_with(e))
    });
    // The user's own folder is in $PWD.
    says && !ABOUT.contains(&last) && !["PWD", "OLDPWD"].contains(&upper.as_str())
}

/// Whether a value is an address with a password in it.
pub(super) fn has_password(value: &[u8]) -> bool {
    let Some(at) = value.windows(3).position(|w| w == b"://") else { return false };
    let rest = &value[at + 3..];
    let authority = rest.split(|b| b"/?#".contains(b)).next().unwrap_or_default();
    let Some(end) = authority.iter().rposition(|b| *b == b'@') else { return false };
    let user = &authority[..end];
    user.iter().position(|b| *b == b':').is_some_and(|colon| user.len() > colon + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_a_name_decides() {
        for (name, kind) in [
            ("DB_PASSWORD", Some("password")),
            ("PGPASSWORD", Some("password")),
            ("apiKey", Some("api-key")),
            ("x-api-key", Some("api-key")),
            ("clientSecret", Some("secret")),
            ("_authToken", Some("token")),
            ("aws_secret_access_key", Some("api-key")),
            ("SECRET_KEY_BASE", Some("api-key")),
            ("GITHUB_TOKEN_2", Some("token")),
            ("token_count", None),
            ("password_file", None),
            ("tokenizer", None),
            ("primaryKey", None),
            ("cache-key", None),
            ("author", None),
            ("signature", None),
            ("X-Amz-Signature", Some("signature")),
            ("compass", None),
        ] {
            assert_eq!(secret_name(name.as_bytes()), kind, "{name}");
        }
    }

    #[test]
    fn which_variables_are_secret() {
        for (name, value, secret) in [
            ("API_TOKEN", "k3j4h5k3", true),
            ("DATABASE_URL", "postgres://app:pw@db/x", true),
            ("DATABASE_URL", "postgres://db.internal/x", false),
            ("DB_PASSWORD", "postgres", false),
            ("DB_PASSWORD", "correct horse battery", true),
            ("SSH_AUTH_SOCK", "/tmp/ssh-a8Kq02mZ/agent.31", false),
            ("GIT_AUTHOR_NAME", "Ada Lovelace", false),
            ("PWD", "/home/ada/a8Kq02mZ31Lk94Xc", false),
            ("USE_TOKEN", "true", false),
            ("TOKEN_TTL", "86400000s", false),
            ("SESSION_KEY", "short", false),
            ("PATH", "/usr/bin:/bin", false),
        ] {
            assert_eq!(is_secret_variable(name, value), secret, "{name}={value}");
        }
    }
}
