//! The naive client: a request for each issue, one after the other on one connection.
//!
//! It is what a first script does. Like the floor it promises nothing.

use serde_json::json;

use crate::Told;
use crate::client::Connection;
use crate::scene::REPO;
use crate::worklogs::{Changed, area, body, severity};

/// The first pull: the pages of the list, then each issue.
pub(crate) fn first(port: u16, issues: usize) -> Told<()> {
    let mut connection = Connection::open(port)?;
    for page in 1..=issues.div_ceil(100) {
        connection.get(&format!("/repos/{REPO}/issues?state=all&per_page=100&page={page}"), None)?.json()?;
    }
    each(&mut connection, issues)
}

/// A pull of what changed: each issue.
pub(crate) fn pull(port: u16, issues: usize) -> Told<()> {
    each(&mut Connection::open(port)?, issues)
}

/// Changes: each issue is looked at, and what differs is sent.
pub(crate) fn change(port: u16, issues: usize, ten: &[Changed]) -> Told<()> {
    let mut connection = Connection::open(port)?;
    each(&mut connection, issues)?;
    for (turn, (place, number)) in ten.iter().enumerate() {
        let sent = match turn {
            0..4 => json!({ "state": "closed", "state_reason": "completed" }),
            4..7 => json!({ "labels": [severity(place + 1), area(*place), "failing-test"] }),
            _ => json!({ "labels": [severity(*place), area(*place), "failing-test", "regression"] }),
        };
        connection.put("PATCH", &format!("/repos/{REPO}/issues/{number}"), &sent)?;
    }
    Ok(())
}

/// New issues: one request each.
pub(crate) fn create(port: u16, count: usize) -> Told<()> {
    let mut connection = Connection::open(port)?;
    for place in 0..count {
        let sent = json!({ "title": format!("New case {place}"), "body": body(place), "labels": ["P2", "failing-test"] });
        connection.put("POST", &format!("/repos/{REPO}/issues"), &sent)?;
    }
    Ok(())
}

fn each(connection: &mut Connection, issues: usize) -> Told<()> {
    for number in 1..=issues {
        connection.get(&format!("/repos/{REPO}/issues/{number}"), None)?.json()?;
    }
    Ok(())
}
