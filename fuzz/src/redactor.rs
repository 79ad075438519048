//! Redacting any text: twice is once, bounded, in linear time, and a plain secret in the middle
//! of anything is gone.

use std::sync::LazyLock;

use gardener::redact::Redactor;

/// Invented, in parts, so that no scanner takes this file for a leak.
static TOKEN: LazyLock<String> =
    LazyLock::new(|| ["gh", "p_", "a8Kq02mZ31Lk94XcV7bN", "5tYu6RpQ1wEd3SfG"].concat());

static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| {
    let variables =
        [("DEPLOY_PASSWORD", "correct horse \"battery\" & staple"), ("API_TOKEN", "Zq8Wv2Lk41Tn")];
    Redactor::new(variables.map(|(name, value)| (name.to_owned(), value.to_owned())))
});

/// A text; `\u{1}` in it stands for a token, `\u{2}` and `\u{3}` for values of variables.
pub fn holds(data: &[u8]) {
    let bare = String::from_utf8_lossy(data).into_owned();
    let text = bare
        .replace('\u{1}', &TOKEN)
        .replace('\u{2}', "correct horse \"battery\" & staple")
        .replace('\u{3}', "Zq8Wv2Lk41Tn");
    let once = REDACTOR.redact(&text);
    let twice = REDACTOR.redact(&once.text);
    assert_eq!(twice.text, once.text, "twice is not once: {text:?}");
    assert!(twice.found.is_empty(), "{:?} is left in {:?} of {text:?}", twice.found, once.text);
    assert_eq!(once.found.is_empty(), once.text == text);
    assert!(once.text.len() <= 16 * text.len(), "{} of {} bytes", once.text.len(), text.len());
    let places = REDACTOR.places(&text);
    assert_eq!(places.is_empty(), once.found.is_empty());
    let mut end = 0;
    for place in &places {
        assert!(end <= place.span.start && place.span.start < place.span.end, "{places:?}");
        assert!(text.get(place.span.clone()).is_some(), "{places:?}");
        end = place.span.end;
    }
    let mask = REDACTOR.mask(&text);
    assert_eq!(mask.len(), text.len());
    assert_eq!(mask.matches('\n').count(), text.matches('\n').count());
    // Whatever stands around it, a token on a line of its own goes.
    let mut middle = bare.len() / 2;
    while !bare.is_char_boundary(middle) {
        middle -= 1;
    }
    let planted = format!("{}\n{}\n{}", &bare[..middle], *TOKEN, &bare[middle..]);
    let redacted = REDACTOR.redact(&planted).text;
    assert!(!redacted.contains(TOKEN.as_str()), "a token stays in {redacted:?}");
    if data.iter().fold(0_u8, |sum, b| sum.wrapping_add(*b)) % 64 == 1 {
        in_linear_time(&text);
    }
}

/// Eight times the text may take eight times the time, and not sixty-four times.
fn in_linear_time(text: &str) {
    let short = text.repeat(2_048 / text.len().max(1) + 1);
    let long = short.repeat(8);
    if !super::is_linear(|| drop(REDACTOR.redact(&short)), || drop(REDACTOR.redact(&long))) {
        panic!("too slow on repetitions of {text:?}");
    }
}
