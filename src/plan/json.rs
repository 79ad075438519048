//! The plan for scripts. `schema` is raised when a reader of the old form would err.

use serde_json::{Value, json};

use crate::merge::LocalChange;
use crate::model::{Base, Candidate, Issue, Label, Labels};
use crate::plan::{Allowed, Change, EntryEdit, IssueConflict, Plan, Target, Why};

impl Plan {
    /// The whole plan as JSON, in the order in which it is carried out.
    pub fn to_json(&self) -> Value {
        json!({
            "schema": 1,
            "repository": self.home.to_string(),
            "changes": self.changes.iter().map(change).collect::<Vec<_>>(),
            "conflicts": self.conflicts.iter().map(conflict).collect::<Vec<_>>(),
            "held": self.held.iter().map(|h| json!({
                "worklog": h.path,
                "entry": h.key.to_string(),
                "issue": h.number,
                "why": why(&h.why),
            })).collect::<Vec<_>>(),
            "notes": self.notes.iter().map(|(n, note)| json!({
                "issue": n, "note": note.to_string(),
            })).collect::<Vec<_>>(),
            "titles": self.titles.iter().map(|t| json!({
                "entry": t.key.to_string(), "issue": t.number, "remote": t.there,
            })).collect::<Vec<_>>(),
            "secrets": self.left_out.iter().map(|l| json!({
                "entry": l.key.to_string(),
                "left_out": l.found.iter().map(|(k, n)| (k.to_string(), json!(n))).collect::<serde_json::Map<_, _>>(),
            })).collect::<Vec<_>>(),
            "settled": self.settled.iter().map(conflict).collect::<Vec<_>>(),
            "brakes": self.brakes.iter().map(|b| json!({
                "what": b.what, "count": b.count, "limit": b.limit,
                "allowed-by": match b.allowed {
                    Allowed::Yes | Allowed::YesOf(_) | Allowed::YesOrNames => json!("--yes"),
                    Allowed::Never => Value::Null,
                },
            })).collect::<Vec<_>>(),
        })
    }
}

fn conflict(c: &IssueConflict) -> Value {
    json!({
        "worklog": c.path,
        "entry": c.conflict.key.to_string(),
        "issue": c.number,
        "field": c.conflict.field.to_string(),
        "base": c.conflict.base,
        "local": c.conflict.here,
        "remote": c.conflict.there,
    })
}

fn change(change: &Change) -> Value {
    let keys = |keys: &[crate::model::EntryKey]| keys.iter().map(ToString::to_string).collect::<Vec<_>>();
    match change {
        Change::CreateLabel(c) => {
            json!({"change": "create-label", "label": c.label.name(), "color": c.color, "description": c.description})
        }
        Change::CreateIssue(c) => json!({
            "change": "create-issue", "entries": keys(&c.keys), "title": c.title, "body": c.body,
            "labels": names(&c.labels), "fingerprint": c.fingerprint,
        }),
        Change::UpdateIssue(c) => json!({
            "change": "update-issue", "issue": c.number, "entries": keys(&c.keys),
            "status": c.status.as_ref().map(|d| json!({"before": d.before.word(), "after": d.after.word()})),
            "severity": c.severity.as_ref().map(|d| json!({
                "before": d.before.map(|s| s.word()), "after": d.after.map(|s| s.word()),
            })),
            "add-labels": names(&c.add), "remove-labels": names(&c.remove),
        }),
        Change::CreateComment(c) => {
            json!({"change": "create-comment", "issue": c.number, "entries": keys(&c.keys), "body": c.body})
        }
        Change::CloseDuplicate(c) => json!({
            "change": "close-duplicate", "issue": c.number, "of": c.winner, "entries": keys(&c.keys),
            "comment": c.comment, "close": c.close,
        }),
        Change::EditText(c) => json!({
            "change": "edit-text", "issue": c.number, "comment": c.comment, "entries": keys(&c.keys),
            "before": c.text.before, "after": c.text.after,
        }),
        Change::EditWorklog(c) => json!({
            "change": "edit-worklog", "worklog": c.path, "entry": c.key.to_string(), "edit": edit(&c.edit),
        }),
        Change::RecordBase(c) => json!({
            "change": "record-base", "worklog": c.path, "entry": c.key.to_string(), "issue": target(&c.issue),
            "before": c.before.as_ref().map(base), "agreed": issue(&c.agreed),
        }),
    }
}

fn edit(edit: &EntryEdit) -> Value {
    match edit {
        EntryEdit::Issue { target: t, why } => {
            json!({"set": "issue", "to": target(t), "why": why.words()})
        }
        EntryEdit::Candidates(several) => json!({"set": "candidates", "to": candidates(several)}),
        EntryEdit::Decided(reason) => json!({"set": "candidates", "to": Value::Null, "reason": reason}),
        EntryEdit::Follow(LocalChange::Status(d)) => json!({
            "set": "status", "before": d.before.as_ref().map(|s| s.word()), "to": d.after.as_ref().map(|s| s.word()),
        }),
        EntryEdit::Follow(LocalChange::Severity(d)) => json!({
            "set": "severity", "before": d.before.map(|s| s.word()), "to": d.after.map(|s| s.word()),
        }),
        EntryEdit::Follow(LocalChange::AddLabel(l)) => json!({"add": "label", "value": l.name()}),
        EntryEdit::Follow(LocalChange::RemoveLabel(l)) => json!({"remove": "label", "value": l.name()}),
        EntryEdit::Follow(LocalChange::AddLink(l)) => json!({"add": "link", "value": l.to_string()}),
        EntryEdit::Follow(LocalChange::RemoveLink(l)) => json!({"remove": "link", "value": l.to_string()}),
    }
}

fn candidates(several: &[Candidate]) -> Vec<Value> {
    let shown = |c: &Candidate| json!({"issue": c.issue.to_string(), "score": c.score, "reason": c.reason});
    several.iter().map(shown).collect()
}

fn target(target: &Target) -> Value {
    match target {
        Target::Number(number) => json!(number),
        Target::Created(key) => json!({"created-for": key.to_string()}),
    }
}

fn base(base: &Base) -> Value {
    json!({"issue": base.issue.to_string(), "agreed": issue(&base.agreed), "seen": base.seen.to_string()})
}

fn issue(issue: &Issue) -> Value {
    json!({
        "status": issue.status.as_ref().map(|s| s.word()),
        "severity": issue.severity.flatten().map(|s| s.word()),
        "labels": issue.labels.as_ref().map(names),
        "links": issue.links.as_ref().map(|l| l.iter().map(ToString::to_string).collect::<Vec<_>>()),
    })
}

fn names(labels: &Labels) -> Vec<&str> {
    labels.iter().map(Label::name).collect()
}

fn why(why: &Why) -> Value {
    let (code, detail) = match why {
        Why::NotVisible => ("not-visible", Value::Null),
        Why::Deleted => ("deleted", Value::Null),
        Why::Moved(to) => ("moved", json!(to)),
        Why::PullRequest => ("pull-request", Value::Null),
        Why::Elsewhere => ("elsewhere", Value::Null),
        Why::Pending(until) => ("pending", json!(until.to_string())),
        Why::Unlinked => ("unlinked", Value::Null),
        Why::NeverFiled => ("never-filed", Value::Null),
        Why::OnHold(why) => ("on-hold", json!(why)),
        Why::Undecided(several) => ("undecided", json!(candidates(several))),
        Why::After(key) => ("after", json!(key.to_string())),
        Why::Twins(numbers) => ("twins", json!(numbers)),
        Why::Refused(what) => ("refused", json!(what)),
        Why::Copy(number) => ("copy", json!(number)),
        Why::Reopened(number) => ("reopened", json!(number)),
        Why::Locked => ("locked", Value::Null),
        Why::LockedLinks => ("locked-links", Value::Null),
        Why::NoLabels(labels) => ("no-labels", json!(names(labels))),
        Why::BlockNotOurs => ("block-not-ours", Value::Null),
        Why::Closed(why) => ("closed", json!(why)),
        Why::Secret(what) => ("secret", json!(what)),
    };
    json!({"code": code, "detail": detail})
}
