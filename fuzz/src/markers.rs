//! Markers are read from any text; what was read is written so that it is read the same; and no
//! quoted text has one.

use gardener::block::{
    CommentMarker, DuplicateMarker, Found, IssueMarker, code_span, comment_markers, quote, quote_line,
};

use super::tape::Tape;

/// A text, a null byte, and a marker.
pub fn holds(data: &[u8]) {
    let (text, mut tape) = Tape::split(data);
    if let Some(marker) = IssueMarker::read(&text) {
        let again = IssueMarker::read(&marker.line()).expect("its own line");
        assert_eq!(again.key, marker.key);
        assert!(again.fingerprint.is_none() || again.fingerprint == marker.fingerprint);
    }
    for marker in comment_markers(&text) {
        assert_eq!(comment_markers(&marker.line()), [marker]);
    }
    if let Some(marker) = DuplicateMarker::read(&text) {
        assert_eq!(DuplicateMarker::read(&marker.line()), Some(marker));
    }
    let own = IssueMarker { key: tape.key(), fingerprint: None };
    let quoted = quote(&text);
    // A title is no place where a marker is looked for.
    for words in [&quoted, &quote_line(&text), &code_span(&text)] {
        assert_eq!(IssueMarker::read(words), None, "{words}");
        assert_eq!(comment_markers(words), Vec::<CommentMarker>::new(), "{words}");
        assert_eq!(DuplicateMarker::read(words), None, "{words}");
        assert_eq!(Found::read(words), Found::Nothing, "{words}");
    }
    assert_eq!(IssueMarker::read(&format!("{quoted}\n\n{}\n", own.line())), Some(own));
}
