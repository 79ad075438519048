//! Labelled failures: result files of real runs, and an index that says which cause each has.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use gardener::model::{Complaint, Failure, Fault, Format};
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
    pub(crate) projects: BTreeSet<String>,
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
            let labels: Vec<&Value> = part["failures"].as_array().into_iter().flatten().collect();
            let suite = format!("{} {}", word("project"), word("suite"));
            lost += read(&file, format, &suite, &labels, &mut cases)?;
        }
        // A rerun is told by the run that it repeats.
        let id = run["of"].as_str().or_else(|| run["id"].as_str()).unwrap_or("?");
        let again = run["again"].as_u64().map(|n| format!(" again {n}")).unwrap_or_default();
        let projects = run["projects"].as_array().into_iter().flatten();
        let projects = projects.filter_map(|p| p.as_str()).map(str::to_owned).collect();
        pools.push(Pool { id: format!("{id}{again}"), projects, cases });
    }
    Ok((pools, lost))
}

/// Each cause made alone, from the folder `alone` beside the runs: one pool for each project that
/// feels it.
pub(crate) fn alone(folder: &Path) -> Result<Vec<Pool>, String> {
    let index = folder.join("index.json");
    let text = fs::read_to_string(&index).map_err(|e| format!("{}: {e}", index.display()))?;
    let index: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let mut pools = Vec::new();
    for (id, failures) in index["alone"].as_object().into_iter().flatten() {
        let (cause, project) = id.split_once(' ').ok_or("a cause without a project")?;
        let mut suites: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for failure in failures.as_array().into_iter().flatten() {
            let word = |at: usize| failure[at].as_str().unwrap_or_default();
            let label = serde_json::json!({ "class": word(1), "name": word(2), "cause": cause });
            suites.entry(word(0)).or_default().push(label);
        }
        let mut cases = Vec::new();
        for (suite, labels) in &suites {
            let path = folder.join("alone").join(format!("{project}.{cause}.{suite}"));
            let found = [("xml", Format::Junit), ("tap", Format::Tap), ("txt", Format::Libtest)]
                .into_iter()
                .map(|(end, format)| (PathBuf::from(format!("{}.{end}", path.display())), format))
                .find(|(path, _)| path.exists());
            let Some((file, format)) = found else { continue };
            let labels: Vec<&Value> = labels.iter().collect();
            read(&file, format, &format!("{project} {suite}"), &labels, &mut cases)?;
        }
        // As in the runs, at most so many of a cause count.
        for case in cases.iter_mut().filter(|c| c.counts).skip(25) {
            case.counts = false;
        }
        pools.push(Pool { id: cause.to_owned(), projects: BTreeSet::from([project.to_owned()]), cases });
    }
    Ok(pools)
}

/// Runs put together from causes made alone, drawn by a seed: one to three projects with one to
/// three causes each. A test that fails under two of them is left out, as it has no label.
pub(crate) fn made(alone: &[Pool], count: usize, seed: u64) -> Vec<Pool> {
    let mut state = seed;
    let mut dice = |sides: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % sides
    };
    let mut by_project: BTreeMap<&str, Vec<&Pool>> = BTreeMap::new();
    for pool in alone {
        for project in &pool.projects {
            by_project.entry(project).or_default().push(pool);
        }
    }
    let all: Vec<&Vec<&Pool>> = by_project.values().collect();
    let mut runs = Vec::new();
    for n in 0..if all.is_empty() { 0 } else { count } {
        let mut run = Pool { id: format!("made {n}"), projects: BTreeSet::new(), cases: Vec::new() };
        for _ in 0..=dice(3) {
            let of = all[dice(all.len())];
            if of.iter().any(|p| !p.projects.is_disjoint(&run.projects)) {
                continue;
            }
            let mut taken: Vec<usize> = (0..=dice(3)).map(|_| dice(of.len())).collect();
            taken.sort_unstable();
            taken.dedup();
            let mut times: BTreeMap<(&str, &str), usize> = BTreeMap::new();
            for case in taken.iter().flat_map(|t| &of[*t].cases) {
                *times.entry((&case.suite, &case.failure.test)).or_default() += 1;
            }
            for pool in taken.iter().map(|t| of[*t]) {
                let once = |c: &&Labelled| times[&(c.suite.as_str(), c.failure.test.as_str())] == 1;
                run.cases.extend(pool.cases.iter().filter(once).take(60).cloned());
                run.projects.extend(pool.projects.iter().cloned());
            }
        }
        runs.push(run);
    }
    runs
}

/// Reads a result file and adds its labelled failures; says how many labels are of none.
fn read(
    file: &Path,
    format: Format,
    suite: &str,
    labels: &[&Value],
    cases: &mut Vec<Labelled>,
) -> Result<usize, String> {
    let text = fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let results = report::read(format, &mut text.as_slice(), &mut |_| {});
    let mut failures = results.failures;
    let mut places = match format {
        Format::Tap => labelled_tap(&String::from_utf8_lossy(&text), failures.len(), labels),
        _ => labelled(&failures, labels),
    };
    // What could not be collected is no test to the readers; it has a cause all the same.
    let parts = parts(results.complaints);
    places.extend(labelled(&parts, labels));
    failures.extend(parts);
    let mut told = BTreeSet::new();
    for (failure, at) in failures.into_iter().zip(places) {
        let Some(at) = at else { continue };
        cases.push(Labelled {
            suite: suite.to_owned(),
            cause: labels[at]["cause"].as_str().map(str::to_owned),
            // Of several failures with one label the first counts, as the maker counts them.
            counts: told.insert(at) && labels[at]["counted"].as_bool().unwrap_or(true),
            failure,
        });
    }
    Ok(labels.len() - told.len())
}

/// The label of each failure; each label is that of one failure at most.
///
/// The names that a result file has are put together to a test's name in many ways. So the last
/// words have to be the name; of several labels the one wins whose name is there as it is written
/// (names of tests with parameters may differ in nothing but signs), then the one whose class is.
fn labelled(failures: &[Failure], labels: &[&Value]) -> Vec<Option<usize>> {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.filter(|w| !w.is_empty() && *w != "py").map(str::to_owned).collect()
    };
    let read: Vec<(&str, Vec<String>, &str, Vec<String>)> = labels
        .iter()
        .map(|l| (l["name"].as_str().unwrap_or_default(), l["class"].as_str().unwrap_or_default()))
        .map(|(name, class)| (name, words(name), class, words(class)))
        .collect();
    let mut fits: Vec<(usize, usize, usize)> = Vec::new();
    for (f, failure) in failures.iter().enumerate() {
        let mut test = words(failure.file.as_deref().unwrap_or_default());
        test.extend(words(&failure.test));
        for (l, (name, name_words, _, class_words)) in read.iter().enumerate() {
            if !test.ends_with(name_words) {
                continue;
            }
            let written = failure.test.ends_with(name);
            let shared = class_words.iter().filter(|w| test.contains(w)).count();
            let whole = shared == class_words.len();
            let score = 10_000 * usize::from(written && whole)
                + 100 * name_words.len()
                + 2 * shared
                + usize::from(whole);
            fits.push((score, f, l));
        }
    }
    fits.sort_by_key(|(score, f, l)| (std::cmp::Reverse(*score), *f, *l));
    let mut places = vec![None; failures.len()];
    let mut taken = vec![false; labels.len()];
    for (_, f, l) in fits {
        if places[f].is_none() && !taken[l] {
            places[f] = Some(l);
            taken[l] = true;
        }
    }
    places
}

/// The labels of failures in TAP, which has no names but the comment before a test: what failed in
/// order. All that fail under one comment in the same words have one label.
fn labelled_tap(text: &str, count: usize, labels: &[&Value]) -> Vec<Option<usize>> {
    let (mut places, mut comment) = (Vec::new(), "");
    for line in text.lines() {
        if let Some(words) = line.strip_prefix("# ") {
            comment = words;
        } else if let Some(rest) = line.strip_prefix("not ok ") {
            let name = rest.split_once(' ').map_or("", |(_, name)| name.trim_start_matches("- "));
            places.push(labels.iter().position(|l| l["class"] == comment && l["name"] == name));
        }
    }
    // If the reader counts differently no order tells which is which.
    if places.len() == count { places } else { vec![None; count] }
}

/// Parts that could not be collected, as failures that have their names.
fn parts(complaints: Vec<Complaint>) -> Vec<Failure> {
    let part = |complaint| match complaint {
        Complaint::Part { name, message, detail } => Some(Failure {
            file: Some(name.clone()),
            test: name,
            fault: Fault::Errored,
            kind: None,
            message,
            detail,
            output: String::new(),
            is_flaky: false,
        }),
        _ => None,
    };
    complaints.into_iter().filter_map(part).collect()
}
