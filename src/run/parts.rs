//! Parts of a suite that could not be built or collected, made into troubles.
//!
//! They are told apart by the causes that matching finds, as tests that fail are: two imports that
//! fail are two problems, twenty modules that lack one package are one. That a part stands in the
//! results at all is for the reports' readers to know.

use super::verdict::{Trouble, What, first_line, joined};
use crate::matching::{self, Case, headline};
use crate::model::{Complaint, Failure, Fault, Results};

/// Parts that could not be built or collected: a trouble for each cause, as of tests that fail.
/// What made a tool give up goes with the first.
pub(super) fn parts(results: &Results, output: &str) -> Vec<Trouble> {
    let (mut broken, mut gave_up) = (Vec::new(), Vec::new());
    for complaint in &results.complaints {
        match complaint {
            Complaint::Part { name, message, detail } => broken.push(Failure {
                file: Some(name.clone()),
                test: name.clone(),
                fault: Fault::Errored,
                kind: None,
                message: message.clone(),
                detail: detail.clone(),
                output: String::new(),
                is_flaky: false,
            }),
            Complaint::GaveUp(why) => gave_up.push(why),
            _ => {}
        }
    }
    let cases: Vec<Case<'_>> = broken.iter().map(|failure| Case { suite: "", failure }).collect();
    let mut groups: Vec<Vec<&Failure>> = matching::group(&cases, &[])
        .iter()
        .map(|cause| cause.members.iter().map(|member| &broken[*member]).collect())
        .collect();
    if groups.is_empty() && !gave_up.is_empty() {
        groups.push(Vec::new());
    }
    let troubles = groups.iter().enumerate().map(|(i, group)| {
        let (mut titles, mut details) = (Vec::new(), Vec::new());
        for Failure { test: name, message, detail, .. } in group {
            // The detail says what is wrong where the message says only where.
            let said = format!("{message}\n{detail}");
            let line = if message.trim().is_empty() { String::new() } else { headline(&said) };
            titles.push(match (name.is_empty(), line.is_empty()) {
                (true, _) => line,
                (false, true) => format!("{name} did not run"),
                (false, false) => format!("{name}: {line}"),
            });
            let message = if detail.contains(message.as_str()) { "" } else { message.as_str() };
            details.push(joined(&[name, message, detail]));
        }
        for why in gave_up.iter().filter(|_| i == 0) {
            titles.push(format!("the tool gave up: {}", first_line(why)));
            details.push((*why).clone());
        }
        let first = titles.first().cloned().unwrap_or_default();
        let title = match titles.len() {
            0 | 1 => first,
            n => format!("{n} parts did not run, the first: {first}"),
        };
        // Where the results say little, such as `[build failed]`, what was printed beside them says why.
        if !output.trim().is_empty() && details.iter().map(String::len).sum::<usize>() < 300 {
            details.push(output.to_owned());
        }
        Trouble { what: What::Environment, title, detail: details.join("\n\n") }
    });
    troubles.collect()
}
