//! Whatever an old worklog holds, importing it ends, keeps every byte of it, gives a worklog that says
//! what was found, and does nothing the second time.

use std::collections::BTreeSet;

use gardener::import::{Outcome, Scene, looked_at};
use gardener::model::Vocabulary;
use gardener::worklog::{Parsed, parse};

/// A text.
pub fn holds(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let vocabulary = Vocabulary::default();
    let scene = Scene { home: None, now: None, vocabulary: &vocabulary };
    let mut used = BTreeSet::new();
    let ready = match looked_at("worklogs/old-2025-03-04.md", &text, &mut used, &scene) {
        Outcome::Ready(ready) => ready,
        Outcome::Already | Outcome::Failed(_) => return,
    };
    let Parsed::Worklog(worklog, _) = parse(&ready.composed.text, &vocabulary) else {
        panic!("no worklog: {:?}", ready.composed.text);
    };
    assert_eq!(worklog.entries().len(), ready.legacy.entries.len());
    let lines = text.matches('\n').count() + 1;
    for (entry, found) in worklog.entries().iter().zip(&ready.legacy.entries) {
        assert_eq!((entry.severity, &entry.issue), (found.severity, &found.issue));
        assert!((1..=lines).contains(&found.line), "{found:?}");
    }
    // Whatever is new comes in whole pieces: what is left without them is the old text.
    let mut rest = ready.composed.text.replacen(&ready.composed.front, "", 1);
    for id in &ready.composed.ids {
        rest = rest.replacen(&format!("<!-- gardener:entry {id} -->"), "", 1);
    }
    let bare = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(bare(&rest), bare(&text));
    let again = looked_at("worklogs/old-2025-03-04.md", &ready.composed.text, &mut used, &scene);
    assert!(matches!(again, Outcome::Already), "{again:?}");
}
