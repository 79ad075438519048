//! Pages and the `Link` header.
//!
//! Links name the repository by number, not by the name the client asked for, and carry a
//! cursor beside the page number. Page numbers end at a limit; cursors go on.

use serde_json::Value;

use super::Answer;
use crate::answer::Ask;
use crate::http::Response;
use crate::refusal::Refusal;
use crate::state::RepoId;

/// A place in a sorted list: what it is sorted by, then what tells equals apart.
pub(crate) type Key = (i64, u64);

/// One page of `items`, which are sorted by key, descending if `down`. Only what is on the
/// page is drawn.
pub(crate) fn page<T>(
    ask: &Ask<'_>,
    repo: RepoId,
    path: &str,
    items: &[(Key, T)],
    down: bool,
    draw: impl Fn(&T) -> Value,
) -> Answer {
    let per_page = size(ask);
    let number = whole(ask, "page").unwrap_or(1);
    let after = cursor(ask, "after")?;
    let before = cursor(ask, "before")?;
    if after.is_none() && before.is_none() && number.saturating_mul(per_page) > ask.gh.settings.page_limit {
        return Err(Refusal::too_deep());
    }
    let beyond = |key: Key, mark: Key| if down { key < mark } else { key > mark };
    let total = items.len();
    let size = per_page as usize;
    let (start, end) = if let Some(mark) = after {
        let start = (items.iter().position(|(key, _)| beyond(*key, mark))).unwrap_or(total);
        (start, total.min(start + size))
    } else if let Some(mark) = before {
        let end = (items.iter()).position(|(key, _)| *key == mark || beyond(*key, mark)).unwrap_or(total);
        (end.saturating_sub(size), end)
    } else {
        let start = total.min((number as usize - 1).saturating_mul(size));
        (start, total.min(start + size))
    };

    let link = |number: u64, extra: Option<(&str, Key)>, rel: &str| {
        let mut query: Vec<String> = (ask.request.query.split('&'))
            .filter(|pair| {
                let name = pair.split('=').next().unwrap_or_default();
                !["", "page", "after", "before"].contains(&name)
            })
            .map(str::to_owned)
            .collect();
        if let Some((name, key)) = extra {
            query.push(format!("{name}={}", written(key)));
        }
        query.push(format!("page={number}"));
        let query = query.join("&");
        format!("<{}/repositories/{repo}/{path}?{query}>; rel=\"{rel}\"", ask.base)
    };
    let mut links = Vec::new();
    if start > 0 && start < total {
        let mark = ("before", items[start].0);
        links.push(link(number.max(2) - 1, Some(mark), "prev"));
    }
    if end < total && end > start {
        links.push(link(number + 1, Some(("after", items[end - 1].0)), "next"));
        // A large list has no last page that could be asked for by number.
        let last = total.div_ceil(size) as u64;
        if last * per_page <= ask.gh.settings.page_limit {
            links.push(link(last, None, "last"));
        }
    }
    if start > 0 {
        links.push(link(1, None, "first"));
    }
    let rows = items[start..end].iter().map(|(_, item)| draw(item)).collect();
    let response = Response::new(200, &Value::Array(rows));
    Ok(if links.is_empty() { response } else { response.header("link", &links.join(", ")) })
}

/// How many rows a page has: 30 if nobody says, 100 at most, and fewer if the settings say so.
pub(crate) fn size(ask: &Ask<'_>) -> u64 {
    let cap = (ask.gh.settings.page_cap).map_or(100, |cap| cap.clamp(1, 100) as u64);
    whole(ask, "per_page").unwrap_or(30).min(cap)
}

/// A positive whole number, or nothing: nonsense falls back to the default.
fn whole(ask: &Ask<'_>, name: &str) -> Option<u64> {
    (ask.request.param(name)?.parse().ok()).filter(|number| *number > 0)
}

/// The first second of which a list with `since` shows changes.
pub(crate) fn since(ask: &Ask<'_>) -> Result<Option<i64>, Refusal> {
    let exclusive = i64::from(ask.gh.settings.since_exclusive);
    Ok(time(ask, "since")?.map(|since| since + exclusive))
}

/// A point in time in a query parameter.
fn time(ask: &Ask<'_>, name: &str) -> Result<Option<i64>, Refusal> {
    let Some(text) = ask.request.param(name) else {
        return Ok(None);
    };
    match crate::clock::parse(&text) {
        Some(time) => Ok(Some(time)),
        None => {
            Err(Refusal::invalid_request(&format!("For 'parameters/{name}', {text} is not a date-time.")))
        }
    }
}

pub(crate) fn written((value, id): Key) -> String {
    let plain = format!("v2:{value}:{id}");
    plain.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn cursor(ask: &Ask<'_>, name: &str) -> Result<Option<Key>, Refusal> {
    let Some(text) = ask.request.param(name) else {
        return Ok(None);
    };
    read(&text).map(Some).ok_or_else(|| Refusal::invalid_request(&format!("'{name}' is not a cursor.")))
}

pub(crate) fn read(text: &str) -> Option<Key> {
    let bytes: Option<Vec<u8>> =
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect();
    let plain = String::from_utf8(bytes?).ok()?;
    let (value, id) = plain.strip_prefix("v2:")?.split_once(':')?;
    Some((value.parse().ok()?, id.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_read_back() {
        assert_eq!(read(&written((-5, 7))), Some((-5, 7)));
        assert_eq!(read("zz"), None);
        assert_eq!(read("é"), None);
    }
}
