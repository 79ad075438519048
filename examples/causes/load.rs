//! Labelled failures: result files of real runs, and an index that says which cause each has.

use std::collections::BTreeSet;
use std::fs;
use std::io::BufReader;
use std::path::Path;

use gardener::model::{Failure, Format};
use gardener::report;
use serde_json::Value;

/// A failure with its label.
#[derive(Clone)]
pub(crate) struct Labelled {
    pub(crate) suite: String,
    pub(crate) failure: Failure,
    /// `None` where it has several causes or is of no mistake that was made.
    pub(crate) cause: Option<String>,
    /// Of causes with very many failures only some count.
    pub(crate) counts: bool,
}

/// A run, or several of them.
#[derive(Clone)]
pub(crate) struct Pool {
    pub(crate) id: String,
    pub(crate) cases: Vec<Labelled>,
}

/// Reads the runs of a folder that `tests/causes/make.py` made. With failures of the index that
/// no result file has, how many these are.
pub(crate) fn load(folder: &Path) -> Result<(Vec<Pool>, usize), String> {
    let index = folder.join("index.json");
    let text = fs::read_to_string(&index).map_err(|e| format!("{}: {e}", index.display()))?;
    let index: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let (mut pools, mut lost) = (Vec::new(), 0);
    for run in index["runs"].as_array().into_iter().flatten() {
        let mut cases = Vec::new();
        for part in run["parts"].as_array().into_iter().flatten() {
            let word = |key: &str| part[key].as_str().unwrap_or_default();
            let format = Format::ALL
                .into_iter()
                .find(|f| f.word() == word("format"))
                .ok_or("a format that is none")?;
            let file = folder.join(word("file"));
            let file = fs::File::open(&file).map_err(|e| format!("{}: {e}", file.display()))?;
            let results = report::read(format, &mut BufReader::new(file), &mut |_| {});
            let labels: Vec<&Value> = part["failures"].as_array().into_iter().flatten().collect();
            let mut found = BTreeSet::new();
            for failure in results.failures {
                let Some(at) = label(&failure, &labels) else { continue };
                found.insert(at);
                cases.push(Labelled {
                    suite: format!("{} {}", word("project"), word("suite")),
                    cause: labels[at]["cause"].as_str().map(str::to_owned),
                    counts: labels[at]["counted"].as_bool().unwrap_or(true),
                    failure,
                });
            }
            lost += labels.len() - found.len();
        }
        // A rerun is told by the run that it repeats.
        let id = run["of"].as_str().or_else(|| run["id"].as_str()).unwrap_or("?");
        let again = run["again"].as_u64().map(|n| format!(" again {n}")).unwrap_or_default();
        pools.push(Pool { id: format!("{id}{again}"), cases });
    }
    Ok((pools, lost))
}

/// The label of a failure: the names that a result file has are put together to a test's name in
/// many ways, so the last words have to be the name, and of several the class decides.
fn label(failure: &Failure, labels: &[&Value]) -> Option<usize> {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.filter(|w| !w.is_empty() && *w != "py").map(str::to_owned).collect()
    };
    let mut test = words(failure.file.as_deref().unwrap_or_default());
    test.extend(words(&failure.test));
    let fits = |label: &&Value| -> Option<usize> {
        let name = words(label["name"].as_str().unwrap_or_default());
        let class = words(label["class"].as_str().unwrap_or_default());
        let shared = class.iter().filter(|w| test.contains(w)).count();
        test.ends_with(&name).then_some(100 * name.len() + 2 * shared + usize::from(shared == class.len()))
    };
    let scores = labels.iter().enumerate().filter_map(|(i, label)| fits(label).map(|score| (score, i)));
    scores.max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1))).map(|(_, i)| i)
}
