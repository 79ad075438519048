//! Old worklogs: what is found in them, what is written, and that nothing else changes.
//!
//! The real program in a repository of its own. `import/shapes.txt` has worklogs in many shapes, each
//! with the lines in which its entries start. Where `GARDENER_CORPUS` names a folder with judged
//! worklogs, these are measured, too.

mod corpus;
mod files;
mod laws;
mod shapes;

use serde_json::Value;

use crate::sandbox::{Answer, Sandbox};

/// A worklog as people wrote it before: two problems, and a section that says them again.
const OLD: &str = "\
# Test log of the night

**Date:** 2025-03-04 02:30 UTC
**Focus:** checkout

## Problems found

### 1. Carts lose items (Critical)

**Severity:** P1 (High - feature broken)
**Status:** ❌ FAILING
**Test:** `TestCart::test_keeps_items`

```
assert 2 == 3  # see #99
```

### 2. Thumbnails are stale

**Severity:** medium
**Status:** RESOLVED - cache emptied

## Results on GitHub

1. **Carts losing items** → UPDATED existing Issue #77
2. **Thumbnails**: nothing yet, see acme/other#5
3. Mentioned beside: #80
";

fn import(sandbox: &Sandbox, words: &str) -> Answer {
    let words = std::iter::once("import").chain(words.split_whitespace());
    sandbox.gardener(words).env("SOURCE_DATE_EPOCH", "1757851170").run()
}

fn json(answer: &Answer) -> Value {
    let value: Value = serde_json::from_str(&answer.out).unwrap_or_else(|e| panic!("{e}: {}", answer.out));
    assert_eq!(value["schema"], 1);
    value
}

/// A repository with the old worklog committed.
fn old() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["remote", "add", "origin", "https://github.com/acme/app.git"]);
    sandbox.write("worklogs/night-2025-03-04.md", OLD);
    sandbox.commit_all("old");
    sandbox
}
