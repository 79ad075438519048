//! The words of a text, whatever its language.

use crate::wording;

/// At most so many words of a text are read.
const MOST: usize = 1_500;

/// A word as it is compared, and as it was spelled.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Word {
    /// Small, and cut so that most inflections are one word.
    pub(super) stem: String,
    /// As it stands in the text.
    pub(super) spelled: String,
}

/// The words of a text in their order: runs of letters and digits, split where `snake_case` and
/// `CamelCase` are. Numbers and single letters are left out. Where a script has no blanks between
/// words, pairs of characters stand for them.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut out = Vec::new();
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_alphanumeric() {
            run.push(c);
            continue;
        }
        if !run.is_empty() {
            split(&run, &mut out);
            run.clear();
            if out.len() >= MOST {
                break;
            }
        }
    }
    out
}

/// What stands for a word or a pair of them in an index.
pub(super) fn term(text: &str) -> u64 {
    wording::hash(text)
}

fn split(run: &str, out: &mut Vec<Word>) {
    let chars: Vec<char> = run.chars().collect();
    let before = out.len();
    let mut from = 0;
    for i in 1..=chars.len() {
        let ends = i == chars.len() || {
            let (a, b) = (chars[i - 1], chars[i]);
            let camel = a.is_lowercase() && b.is_uppercase();
            let acronym = a.is_uppercase()
                && b.is_uppercase()
                && i - from >= 1
                && chars.get(i + 1).is_some_and(|n| n.is_lowercase());
            camel || acronym || is_dense(a) != is_dense(b)
        };
        if ends {
            part(&chars[from..i], out);
            from = i;
        }
    }
    // Somebody else writes `websocket`.
    if out.len() > before + 1 && !chars.iter().any(|c| is_dense(*c)) {
        part(&chars, out);
    }
}

fn part(chars: &[char], out: &mut Vec<Word>) {
    if is_dense(chars[0]) && chars.len() > 1 {
        for pair in chars.windows(2) {
            let spelled: String = pair.iter().collect();
            out.push(Word { stem: spelled.clone(), spelled });
        }
    } else if chars.len() > 1 && chars.iter().any(|c| c.is_alphabetic()) {
        let spelled: String = chars.iter().collect();
        out.push(Word { stem: stem(&spelled.to_lowercase()), spelled });
    }
}

/// Cut where endings begin. By length alone, so that it serves most languages that inflect at the
/// end of a word; `connection`, `connected` and `connectivity` become one.
fn stem(small: &str) -> String {
    const LONGEST: usize = 6;
    small.chars().take(LONGEST).collect()
}

/// Whether a script is written without blanks between words.
fn is_dense(c: char) -> bool {
    matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(text: &str) -> Vec<String> {
        words(text).into_iter().map(|w| w.spelled).collect()
    }

    #[test]
    fn names_of_code_are_words() {
        assert_eq!(
            spelled("WebSocketManager.send_all(x)"),
            ["Web", "Socket", "Manager", "WebSocketManager", "send", "all"]
        );
        assert_eq!(
            spelled("JWTConfig in HTTPServer2"),
            ["JWT", "Config", "JWTConfig", "in", "HTTP", "Server2", "HTTPServer2"]
        );
        assert_eq!(spelled("E2E 404 a"), ["E2E"]);
    }

    #[test]
    fn inflections_are_one_word() {
        let stems: Vec<String> =
            words("connection Connected CONNECTIVITY").into_iter().map(|w| w.stem).collect();
        assert_eq!(stems, ["connec", "connec", "connec"]);
    }

    #[test]
    fn other_scripts_have_words_too() {
        assert_eq!(spelled("Ошибка соединения"), ["Ошибка", "соединения"]);
        assert_eq!(spelled("接続エラー timeout"), ["接続", "続エ", "エラ", "ラー", "timeout"]);
    }
}
