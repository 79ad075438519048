//! A base block is read without harm, and what was read is written so that it is read the same.

use gardener::model::{Vocabulary, is_hidden};
use gardener::worklog::{base_block, bases};

/// The text of a block, perhaps without its frame.
pub fn holds(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    read(&text);
    read(&format!("<!-- gardener:base 1\n{text}\n-->"));
}

fn read(text: &str) {
    let vocabulary = Vocabulary::default();
    let block = base_block::parse(text, &vocabulary);
    for diagnostic in &block.found {
        assert!(text.get(diagnostic.span.clone()).is_some(), "{diagnostic:?}");
        assert!(diagnostic.also.iter().all(|(span, _)| text.get(span.clone()).is_some()), "{diagnostic:?}");
    }
    assert!(block.bases.values().all(|base| base.issue.repo.is_some()));
    for ending in ["\n", "\r\n"] {
        let written = base_block::render(&block.bases, ending);
        let again = base_block::parse(&written, &vocabulary);
        assert_eq!(again.bases, block.bases, "{written}");
        assert!(again.found.is_empty() && again.doubled.is_empty(), "{:?}\n{written}", again.found);
        assert_eq!(base_block::render(&again.bases, ending), written);
        // Nothing in it ends the comment or hides from a reviewer.
        assert_eq!(
            written.match_indices("--").filter(|(at, _)| written[*at..].starts_with("-->")).count(),
            1
        );
        assert!(!written.contains(|c| c != '\n' && c != '\r' && is_hidden(c)), "{written:?}");
        let file = format!("---\ngardener: 1\nid: w\n---\n\nText.\n\n{written}\n").replace("\r\n", "\n");
        let in_file = bases(&file, &vocabulary);
        assert_eq!(in_file.as_ref(), Some(&block.bases), "{file}");
    }
}
