//! The whole three-way tables (reliability plan, tier T0): every base, local and remote status,
//! one label and one link, there or not on each side, under every condition that an issue can
//! be in. What must come of each is worked out here by itself and compared with the plan.

use std::collections::{BTreeMap, BTreeSet};

use gardener::block::{Block, Found, IssueMarker};
use gardener::config::Config;
use gardener::merge::{Field, LocalChange};
use gardener::model::{
    Association, Author, Base, Entry, EntryKey, Event, EventKind, Issue, IssueRef, Label, Labels, Link, Look,
    RemoteIssue, RepoSlug, Repository, State, Status, Timestamp,
};
use gardener::plan::{Change, EntryEdit, Input, LocalEntry, Plan, Seen};

/// What an issue can be besides being there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    There,
    /// 404.
    Missing,
    /// 410.
    Deleted,
    /// 301.
    Moved,
    PullRequest,
    Locked,
    /// Locked, in a state that this version does not know.
    Discussion,
    /// The whole repository is.
    Archived,
    /// Closed and opened again, and the label taken off and put on again, since the base.
    Touched,
}

const CONDITIONS: [Condition; 9] = [
    Condition::There,
    Condition::Missing,
    Condition::Deleted,
    Condition::Moved,
    Condition::PullRequest,
    Condition::Locked,
    Condition::Discussion,
    Condition::Archived,
    Condition::Touched,
];

/// One cell of the table.
#[derive(Clone, Debug)]
struct Cell {
    base: Option<Status>,
    local: Option<Status>,
    remote: Option<Status>,
    /// Base, local, remote.
    label: [bool; 3],
    link: [bool; 3],
    condition: Condition,
}

/// What comes of a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Outcome {
    sent: Option<Status>,
    followed: Option<Status>,
    conflict: bool,
    /// On GitHub: put on (true) or taken off.
    label_there: Option<bool>,
    label_here: Option<bool>,
    link_there: Option<bool>,
    link_here: Option<bool>,
    held: usize,
}

fn statuses() -> [Option<Status>; 5] {
    [None, Some(Status::Open), Some(Status::Completed), Some(Status::NotPlanned), Some(Status::Duplicate)]
}

fn bits(n: usize) -> [bool; 3] {
    [n & 1 != 0, n & 2 != 0, n & 4 != 0]
}

/// The law, written down once more.
fn expected(cell: &Cell) -> Outcome {
    use Condition::*;
    let mut out = Outcome::default();
    if matches!(cell.condition, Missing | Deleted | Moved | PullRequest) {
        out.held = 1;
        return out;
    }
    let touched = cell.condition == Touched;
    let remote = cell.remote.clone().filter(|_| cell.condition != Discussion);
    if let Some(r) = remote {
        match (&cell.base, &cell.local) {
            (Some(b), None) if *b != r => out.followed = Some(r),
            (None, None) if r != Status::Open => out.followed = Some(r),
            (_, None) => {}
            (_, Some(l)) if *l == r => {}
            (Some(b), Some(l)) if b == l => out.followed = Some(r),
            (Some(b), Some(l)) if *b == r && !touched => out.sent = Some(l.clone()),
            _ => out.conflict = true,
        }
    }
    let [b, l, r] = cell.label;
    let stays = match (b, l) {
        (false, true) => true,
        (true, false) => r && touched,
        _ => r,
    };
    out.label_there = (stays != r).then_some(stays);
    out.label_here = (stays != l).then_some(stays);
    let [b, l, r] = cell.link;
    let stays = if b { l && r } else { l || r };
    out.link_there = (stays != r).then_some(stays);
    out.link_here = (stays != l).then_some(stays);
    if cell.condition == Archived {
        let status = out.sent.take().is_some();
        let labels = out.label_there.take().is_some();
        out.held += usize::from(status || labels) + usize::from(out.link_there.take().is_some());
    }
    out
}

fn label() -> Label {
    Label::new("bug").expect("a label")
}

fn link() -> Link {
    Link::parse("#901").expect("a link")
}

fn set<T: Ord>(is_in: bool, element: T) -> BTreeSet<T> {
    is_in.then_some(element).into_iter().collect()
}

fn entry(cell: &Cell, key: &EntryKey, home: &RepoSlug) -> LocalEntry {
    let agreed = Issue {
        status: cell.base.clone(),
        severity: Some(None),
        labels: Some(set(cell.label[0], label())),
        links: Some(set(cell.link[0], link())),
    };
    let issue = IssueRef { repo: Some(home.clone()), number: 5 };
    LocalEntry {
        path: "worklogs/w.md".to_owned(),
        key: key.clone(),
        entry: Entry {
            status: cell.local.clone(),
            issue: Some(IssueRef::here(5)),
            labels: Some(set(cell.label[1], label()).into_iter().collect()),
            links: Some(set(cell.link[1], link()).into_iter().collect()),
            ..Entry::new(key.entry.clone(), "About it".to_owned())
        },
        base: Some(Base { issue, agreed, seen: Timestamp::from_second(1_000) }),
        base_is_written: true,
        worklog_labels: Vec::new(),
        worklog_title: None,
        session: None,
        started: None,
        imported: false,
        section: None,
        uncommitted: BTreeMap::new(),
        left_out: BTreeMap::new(),
        withheld: None,
    }
}

fn seen(cell: &Cell, key: &EntryKey) -> Seen {
    let mut block = Block::new();
    block.set(key, "worklogs/w.md", &set(cell.link[2], link()).into_iter().collect::<Vec<_>>());
    let marker = IssueMarker { key: key.clone(), fingerprint: None };
    let state = match (&cell.remote, cell.condition) {
        (None, _) | (_, Condition::Discussion) => State::Unknown("limbo".to_owned()),
        (Some(Status::Completed), _) => State::Completed,
        (Some(Status::NotPlanned), _) => State::NotPlanned,
        (Some(Status::Duplicate), _) => State::Duplicate,
        (Some(_), _) => State::Open,
    };
    let at = Timestamp::from_second(2_000);
    let issue = RemoteIssue {
        number: 5,
        node_id: "I_5".to_owned(),
        title: "About it".to_owned(),
        body: block.put_into(&format!("Words\n\n{}", marker.line())),
        state,
        labels: set(cell.label[2], label()).into_iter().collect(),
        author: Author { login: "ann".to_owned(), association: Association::Member },
        locked: matches!(cell.condition, Condition::Locked | Condition::Discussion),
        created_at: Timestamp::from_second(500),
        updated_at: at,
    };
    let look = match cell.condition {
        Condition::Missing => Look::Missing,
        Condition::Deleted => Look::Deleted,
        Condition::Moved => Look::Moved("https://github.com/acme/other/issues/1".to_owned()),
        Condition::PullRequest => Look::PullRequest,
        _ => Look::Found(Box::new(issue)),
    };
    let all =
        [EventKind::Closed, EventKind::Reopened, EventKind::Unlabeled(label()), EventKind::Labeled(label())];
    let events = all.map(|what| Event { what, at, by: String::new() });
    let events = if cell.condition == Condition::Touched { events.to_vec() } else { Vec::new() };
    Seen { look, events: Some(events), comments: Some(Vec::new()) }
}

fn input(cell: &Cell, key: &EntryKey) -> Input {
    let home = RepoSlug::parse("acme/app").expect("a slug");
    let repository = Repository {
        id: 7,
        slug: home.clone(),
        default_branch: "main".to_owned(),
        has_issues: true,
        archived: cell.condition == Condition::Archived,
        can_triage: true,
        can_push: true,
    };
    Input {
        repository,
        viewer: Some("ann".to_owned()),
        now: Timestamp::from_second(3_000),
        config: Config::default(),
        entries: vec![entry(cell, key, &home)],
        home,
        seen: BTreeMap::from([(5, seen(cell, key))]),
        markers: BTreeMap::new(),
        fingerprints: BTreeMap::new(),
        likely: BTreeMap::new(),
        broken_rules: Vec::new(),
        made: BTreeMap::new(),
        losers: BTreeMap::new(),
        forged: BTreeMap::new(),
        told: BTreeSet::new(),
        settled: BTreeSet::new(),
        lost: (0, 0),
        newer: 0,
        intents: Vec::new(),
        labels: Some(Labels::from([label()])),
        refused: BTreeSet::new(),
        preferences: Vec::new(),
        template: String::new(),
    }
}

/// What a plan does, in the words of the table. Anything else it does is told.
fn outcome(plan: &Plan, key: &EntryKey) -> Result<Outcome, String> {
    let mut out = Outcome { held: plan.held.len(), ..Outcome::default() };
    for conflict in &plan.conflicts {
        if conflict.conflict.field != Field::Status || out.conflict {
            return Err(format!("{conflict:?}"));
        }
        out.conflict = true;
    }
    for change in &plan.changes {
        match change {
            Change::UpdateIssue(update) => {
                out.sent = update.status.as_ref().map(|d| d.after.clone());
                out.label_there = match (update.add.contains(&label()), update.remove.contains(&label())) {
                    (true, false) => Some(true),
                    (false, true) => Some(false),
                    (false, false) => None,
                    (true, true) => return Err(format!("{update:?}")),
                };
                if update.severity.is_some() || update.add.len() + update.remove.len() > 1 {
                    return Err(format!("{update:?}"));
                }
            }
            Change::EditText(edit) if edit.comment.is_none() => {
                let Found::Block(block) = Found::read(&edit.text.after) else {
                    return Err(format!("{edit:?}"));
                };
                out.link_there = Some(block.links(key).is_some_and(|l: &[Link]| l.contains(&link())));
            }
            Change::EditWorklog(edit) => match &edit.edit {
                EntryEdit::Follow(LocalChange::Status(d)) => out.followed.clone_from(&d.after),
                EntryEdit::Follow(LocalChange::AddLabel(_)) => out.label_here = Some(true),
                EntryEdit::Follow(LocalChange::RemoveLabel(_)) => out.label_here = Some(false),
                EntryEdit::Follow(LocalChange::AddLink(_)) => out.link_here = Some(true),
                EntryEdit::Follow(LocalChange::RemoveLink(_)) => out.link_here = Some(false),
                other => return Err(format!("{other:?}")),
            },
            Change::RecordBase(_) => {}
            other => return Err(format!("{other:?}")),
        }
    }
    Ok(out)
}

/// All cells where `GARDENER_CASES` asks for a campaign. Otherwise those of an issue that is
/// simply there, or was touched, and every seventh of the rest: seven divides no side of the
/// table, so that each value meets each condition.
fn drawn() -> impl Iterator<Item = Cell> {
    let all = std::env::var_os("GARDENER_CASES").is_some();
    let simple = |c: &Cell| matches!(c.condition, Condition::There | Condition::Touched);
    let fits = move |(i, c): &(usize, Cell)| all || simple(c) || i % 7 == 0;
    cells().enumerate().filter(fits).map(|(_, c)| c)
}

fn cells() -> impl Iterator<Item = Cell> {
    CONDITIONS.into_iter().flat_map(|condition| {
        (0..125 * 64).map(move |n| {
            let (status, sets) = (n / 64, n % 64);
            let of = |i: usize| statuses()[i % 5].clone();
            Cell {
                base: of(status),
                local: of(status / 5),
                remote: of(status / 25),
                label: bits(sets % 8),
                link: bits(sets / 8),
                condition,
            }
        })
    })
}

#[test]
fn the_whole_three_way_tables() {
    let key = EntryKey::parse("w/e").expect("a key");
    let failed: Vec<String> = std::thread::scope(|scope| {
        let parts: Vec<_> = (0..2)
            .map(|part| {
                let key = key.clone();
                scope.spawn(move || {
                    let mut failed = Vec::new();
                    for cell in drawn().skip(part).step_by(2) {
                        let plan = Plan::make(&input(&cell, &key)).expect("a plan");
                        let (got, want) = (outcome(&plan, &key), expected(&cell));
                        if got != Ok(want.clone()) && failed.len() < 5 {
                            failed.push(format!("{cell:?}\n  should be {want:?}\n  is {got:?}"));
                        }
                    }
                    failed
                })
            })
            .collect();
        parts.into_iter().flat_map(|p| p.join().expect("ran")).collect()
    });
    println!("{} of {} cells of the three-way tables", drawn().count(), cells().count());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
