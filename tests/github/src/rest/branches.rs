//! A single branch: whether it is protected, and the commit at its end.
//!
//! There is no git here, so that every branch ends in one and the same commit.

use serde_json::json;

use crate::answer::Ask;
use crate::clock::iso;
use crate::http::Response;
use crate::refusal::Refusal;
use crate::rest::Answer;
use crate::state::RepoId;

pub(crate) fn get(ask: &mut Ask<'_>, repo: RepoId, name: &str) -> Answer {
    let home = ask.repo(repo)?;
    if !home.branches.contains(name) {
        return Err(Refusal::new(404, "Branch not found"));
    }
    let is_protected = home.protected.contains(name);
    let api = format!("{}/repos/{}", ask.base, home.full_name());
    let page = format!("{}/{}", ask.gh.settings.web, home.full_name());
    let (sha, tree) = ("0".repeat(40), "1".repeat(40));
    let owner = ask.user(&home.owner);
    let person = json!({
        "name": home.owner, "email": format!("{}@users.noreply.github.com", home.owner),
        "date": iso(home.created_at),
    });
    let level = if is_protected { "non_admins" } else { "off" };
    Ok(Response::new(
        200,
        &json!({
            "name": name,
            "commit": {
                "sha": sha, "node_id": "C_0", "url": format!("{api}/commits/{sha}"),
                "html_url": format!("{page}/commit/{sha}"),
                "comments_url": format!("{api}/commits/{sha}/comments"),
                "author": owner, "committer": owner, "parents": [],
                "commit": {
                    "author": person, "committer": person, "message": "start", "comment_count": 0,
                    "tree": { "sha": tree, "url": format!("{api}/git/trees/{tree}") },
                    "url": format!("{api}/git/commits/{sha}"),
                },
            },
            "_links": { "self": format!("{api}/branches/{name}"), "html": format!("{page}/tree/{name}") },
            "protected": is_protected,
            "protection": {
                "enabled": is_protected,
                "required_status_checks": { "enforcement_level": level, "contexts": [], "checks": [] },
            },
            "protection_url": format!("{api}/branches/{name}/protection"),
        }),
    ))
}
