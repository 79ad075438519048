//! The floor: the fewest requests that do the job at all.
//!
//! It promises nothing. It does not look whether a list was read while it changed, whether a
//! write arrived, or whether an issue was filed before; it writes no file and no journal and
//! does not outlive a lost answer. What is slower than this has to say what for.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::Told;
use crate::client::Connection;
use crate::scene::REPO;
use crate::worklogs::{Changed, body, severity};

/// Tags of what was read last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tags {
    repository: Option<String>,
    list: Option<String>,
}

/// The list of what changed since the issues were read first.
const CHANGED: &str = "/issues?state=all&since=2026-03-01T12:00:00Z&sort=created&direction=asc&per_page=100";

/// The first pull: the repository beside the first page, then all other pages at once.
/// How many issues came.
pub(crate) fn first(port: u16) -> Told<usize> {
    let page = |number: usize| {
        format!("/repos/{REPO}/issues?state=all&sort=created&direction=asc&per_page=100&page={number}")
    };
    let rows =
        |answer: &crate::client::Answer| -> Told<usize> { Ok(answer.json()?.as_array().map_or(0, Vec::len)) };
    let repository = std::thread::spawn(move || repository(port));
    let mut connection = Connection::open(port)?;
    let one = connection.get(&page(1), None)?;
    let mut count = rows(&one)?;
    let readers: Vec<_> = (2..=one.last_page().unwrap_or(1))
        .map(|number| {
            let target = page(number);
            std::thread::spawn(move || {
                let read = Connection::open(port).and_then(|mut to| rows(&to.get(&target, None)?));
                read.map_err(|error| error.to_string())
            })
        })
        .collect();
    joined(repository)?;
    for reader in readers {
        count += joined(reader)?;
    }
    Ok(count)
}

fn repository(port: u16) -> Result<(), String> {
    let read = Connection::open(port).and_then(|mut to| to.get(&format!("/repos/{REPO}"), None)?.json());
    read.map(drop).map_err(|error| error.to_string())
}

fn joined<T>(thread: std::thread::JoinHandle<Result<T, String>>) -> Told<T> {
    Ok(thread.join().map_err(|_| "a reader broke")??)
}

/// A pull of what changed: the repository and the list at once, each only if it is another
/// than before. How many rows came.
pub(crate) fn pull(port: u16, tags: &mut Tags) -> Told<usize> {
    let known = tags.repository.take();
    let repository = std::thread::spawn(move || {
        let read =
            Connection::open(port).and_then(|mut to| to.get(&format!("/repos/{REPO}"), known.as_deref()));
        read.map(|answer| answer.tag().or(known)).map_err(|error| error.to_string())
    });
    let list = Connection::open(port)?.get(&format!("/repos/{REPO}{CHANGED}"), tags.list.as_deref())?;
    tags.list = list.tag().or(tags.list.take());
    tags.repository = joined(repository)?;
    if list.status == 304 { Ok(0) } else { Ok(list.json()?.as_array().map_or(0, Vec::len)) }
}

/// Ten changes: one question for what the issues are and what the labels are called by
/// GraphQL, one mutation for all.
pub(crate) fn change(port: u16, ten: &[Changed]) -> Told<()> {
    let mut connection = Connection::open(port)?;
    let issues = ten.iter().map(|(place, number)| {
        format!("i{place}:issue(number:{number}){{id state updatedAt labels(first:100){{nodes{{name}}}}}}",)
    });
    let issues: Vec<_> = issues.collect();
    let data = look(&mut connection, &issues.join(" "))?;
    let mut mutation = "mutation{".to_owned();
    for (turn, (place, _)) in ten.iter().enumerate() {
        let issue = &data[format!("i{place}")]["id"];
        let labels = |name: &str| format!("{{labelableId:{issue},labelIds:[{}]}}", data[name]["id"]);
        let done = "clientMutationId";
        let _ = match turn {
            0..4 => write!(
                mutation,
                "c{turn}:closeIssue(input:{{issueId:{issue},stateReason:COMPLETED}}){{{done}}} "
            ),
            4..7 => write!(
                mutation,
                "r{turn}:removeLabelsFromLabelable(input:{}){{{done}}} a{turn}:addLabelsToLabelable(input:{}){{{done}}} ",
                labels(severity(*place)),
                labels(severity(place + 1))
            ),
            _ => write!(mutation, "a{turn}:addLabelsToLabelable(input:{}){{{done}}} ", labels("regression")),
        };
    }
    connection.graphql(&format!("{mutation}}}")).map(drop)
}

/// New issues: one question for what the repository and its labels are called by GraphQL,
/// one mutation for all.
pub(crate) fn create(port: u16, count: usize) -> Told<()> {
    let mut connection = Connection::open(port)?;
    let data = look(&mut connection, "")?;
    let mut mutation = "mutation{".to_owned();
    for place in 0..count {
        let (title, body) = (Value::from(format!("New case {place}")), Value::from(body(place)));
        let labels = [&data["P2"]["id"], &data["test"]["id"]].map(Value::to_string).join(",");
        let _ = write!(
            mutation,
            "n{place}:createIssue(input:{{repositoryId:{},title:{title},body:{body},labelIds:[{labels}]}}){{issue{{number}}}} ",
            data["id"]
        );
    }
    connection.graphql(&format!("{mutation}}}")).map(drop)
}

/// The repository's id, the labels' ids, and more.
fn look(connection: &mut Connection, more: &str) -> Told<Value> {
    let labels = BTreeMap::from([
        ("P1", "P1"),
        ("P2", "P2"),
        ("P3", "P3"),
        ("regression", "regression"),
        ("test", "failing-test"),
    ]);
    let labels: Vec<_> =
        labels.iter().map(|(alias, name)| format!("{alias}:label(name:\"{name}\"){{id}}")).collect();
    let (owner, name) = REPO.split_once('/').ok_or("the repository has no owner")?;
    let query =
        format!("query{{repository(owner:\"{owner}\",name:\"{name}\"){{id {} {more}}}}}", labels.join(" "));
    Ok(connection.graphql(&query)?["repository"].take())
}
