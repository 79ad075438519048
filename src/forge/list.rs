//! Lists: pages are followed to their end, several at a time where GitHub says how many there are,
//! and what slipped between two of them is found.
//!
//! A list can lag behind, which nothing here can tell. What its rows mean is read in `wire`; which
//! lists there are is in `read`.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

use crate::forge::redirect::Fetched;
use crate::forge::send::Call;
use crate::forge::transport::Answer;
use crate::forge::wire::RestIssue;
use crate::forge::{ForgeError, GitHub, Listed, classify, graphql};
use crate::model::{Labels, RemoteIssue};

/// So many passes over a list that keeps changing under the reader.
const PASSES: usize = 3;

/// So many pages are asked for at the same time. GitHub allows a hundred requests at once.
const AT_ONCE: usize = 10;

/// No list has more pages by number: GitHub ends them far below that.
const MOST_PAGES: usize = 10_000;

/// So many numbers without a row are looked up for each page, which costs less than a second pass.
const GAPS_A_PAGE: usize = 25;

/// The rows of a list and how many pages they came in.
pub(super) struct Pages<T> {
    pub(super) rows: Vec<T>,
    pub(super) count: usize,
}

/// One page, where the next one is, and how many there are by its word.
struct Page<T> {
    rows: Vec<T>,
    next: Option<String>,
    last: Option<(String, usize)>,
}

impl GitHub {
    /// Every issue of the repository, or `None` where the list has more pages than `most`.
    ///
    /// Rows may vanish while pages are read: one that is deleted or transferred moves all later ones
    /// up, one of them onto a page that was read already. Numbers are given out without gaps, pull
    /// requests included, so those without a row are asked for; where there are many of them, or
    /// they can't be asked for, the list is read again until two passes agree.
    pub(super) fn read_all(&mut self, path: &str, most: Option<usize>) -> Result<Option<Listed>, ForgeError> {
        let first: Page<RestIssue> = self.page(path.to_owned(), None)?;
        let several = first.next.is_some();
        let last = first.last.as_ref().map(|(_, count)| *count);
        if several && most.is_some_and(|most| last.is_none_or(|last| last > most)) {
            return Ok(None);
        }
        let mut pages = Pages { rows: first.rows, count: 1 };
        let mut next = first.next;
        if let Some((url, last)) = first.last.filter(|_| several) {
            let paths: Vec<String> = (2..=last).map(|page| with_page(&url, page)).collect();
            for some in paths.chunks(AT_ONCE) {
                self.ahead_of(some.iter().map(Call::get).collect());
                for path in some {
                    let page: Page<RestIssue> = self.page(path.clone(), None)?;
                    pages.rows.extend(page.rows);
                    pages.count += 1;
                    next = page.next;
                }
            }
            // It may have grown meanwhile, or shrunk so that an earlier page is the last one now.
            next = next.filter(|path| !paths.contains(path));
        }
        if let Some(path) = next {
            let rest: Pages<RestIssue> = self.pages(path, None)?;
            pages.rows.extend(rest.rows);
            pages.count += rest.count;
        }
        let numbers: BTreeSet<u64> = pages.rows.iter().map(|row| row.number).collect();
        let count = pages.count;
        let issues = pages.rows.into_iter().filter(|row| row.pull_request.is_none());
        let mut issues: BTreeMap<u64, RemoteIssue> =
            issues.map(|row| (row.number, row.into_model())).collect();
        if several && !self.fill_gaps(&numbers, count, &mut issues)? {
            let before: Vec<u64> = issues.keys().copied().collect();
            issues.extend(self.settled(path, None, Some(before), issue_of)?.0);
        }
        Ok(Some(Listed { issues: issues.into_values().collect(), is_one_page: !several }))
    }

    /// Looks up the numbers that have no row; says whether each of them is accounted for.
    fn fill_gaps(
        &mut self,
        numbers: &BTreeSet<u64>,
        pages: usize,
        issues: &mut BTreeMap<u64, RemoteIssue>,
    ) -> Result<bool, ForgeError> {
        let highest = numbers.last().copied().unwrap_or_default();
        let most = GAPS_A_PAGE.saturating_mul(pages);
        let gaps: Vec<u64> = (1..=highest).filter(|n| !numbers.contains(n)).take(most + 1).collect();
        if gaps.len() > most || (!gaps.is_empty() && !self.may_ask_graphql()) {
            return Ok(false);
        }
        for batch in gaps.chunks(graphql::BATCH) {
            let call = Call::question(graphql::question(&self.sender.slug, batch, &Labels::new())).or_rest();
            let Ok(answer) = self.sender.read(&call) else { return Ok(false) };
            let Some(found) = graphql::accounted(&answer, batch) else { return Ok(false) };
            issues.extend(found);
        }
        Ok(true)
    }

    /// Reads a list from which rows may vanish meanwhile. A row that is deleted or
    /// transferred moves all later ones up, one of them onto a page that was read already.
    /// So a list of several pages is read again until two passes have the same rows; after
    /// three, the union is answered, which by the trait's word may lack some. `last` are the keys of
    /// a pass that was taken before. Says whether it was one page.
    pub(super) fn settled<T: DeserializeOwned, M>(
        &mut self,
        path: &str,
        number: Option<u64>,
        mut last: Option<Vec<u64>>,
        convert: fn(T) -> Option<(u64, M)>,
    ) -> Result<(BTreeMap<u64, M>, bool), ForgeError> {
        let mut all: BTreeMap<u64, M> = BTreeMap::new();
        for _ in 0..PASSES {
            let pages: Pages<T> = self.pages(path.to_owned(), number)?;
            let rows: BTreeMap<u64, M> = pages.rows.into_iter().filter_map(convert).collect();
            let keys: Vec<u64> = rows.keys().copied().collect();
            if pages.count < 2 || last.as_ref() == Some(&keys) {
                return Ok((rows, pages.count < 2));
            }
            all.extend(rows);
            last = Some(keys);
        }
        Ok((all, false))
    }

    /// Reads a list to its end by following `Link`, which GitHub asks clients to do instead
    /// of counting pages. A link that leaves the interface is refused, one that was
    /// followed already ends in an error.
    pub(super) fn pages<T: DeserializeOwned>(
        &mut self,
        first: String,
        number: Option<u64>,
    ) -> Result<Pages<T>, ForgeError> {
        let mut pages = Pages { rows: Vec::new(), count: 0 };
        let mut followed = BTreeSet::new();
        let mut next = Some(first);
        while let Some(path) = next {
            if !followed.insert(path.clone()) {
                return Err(classify::unreadable(&Call::get(path).what(), "its pages go in a circle"));
            }
            let page = self.page(path, number)?;
            pages.rows.extend(page.rows);
            pages.count += 1;
            next = page.next;
        }
        Ok(pages)
    }

    fn page<T: DeserializeOwned>(
        &mut self,
        path: String,
        number: Option<u64>,
    ) -> Result<Page<T>, ForgeError> {
        let mut call = Call::get(path).about(number);
        // What is asked for again and again, and small: what changed since some moment.
        if call.path.contains("&since=") {
            call = call.kept();
        }
        loop {
            let answer = match self.fetch(&call)? {
                Fetched::Here(answer) => answer,
                Fetched::Moved(to) => return Err(moved(&call, to)),
            };
            if answer.status != 200 {
                match cursor_only(&call.path).filter(|_| classify::says_too_deep(&answer)) {
                    Some(path) => call.path = path,
                    None => return Err(self.sender.refusal(&call, &answer)),
                }
                continue;
            }
            let rows: Vec<T> = classify::decode(&answer, &call.what())?;
            let next = self.linked(&call, &answer, "next")?;
            let last = self.linked(&call, &answer, "last")?;
            // What could not be read must not come back as what still holds.
            if call.keeps {
                self.kept.keep(&call.path, &answer);
            }
            // Nonsense is no count.
            let last = last.and_then(|path| Some((path.clone(), page_of(&path)?)));
            let last = last.filter(|(_, count)| *count <= MOST_PAGES);
            return Ok(Page { rows, next, last });
        }
    }

    fn linked(&self, call: &Call, answer: &Answer, rel: &str) -> Result<Option<String>, ForgeError> {
        if sabotaged!(FirstPageOnly) {
            return Ok(None);
        }
        let Some(url) = answer.header("link").and_then(|header| link(header, rel)) else { return Ok(None) };
        let refused = || ForgeError::RedirectRefused { from: call.what(), to: self.sender.clean(url) };
        self.sender.address.path_of(url).map(Some).ok_or_else(refused)
    }
}

/// A row that is an issue, by its number.
pub(super) fn issue_of(row: RestIssue) -> Option<(u64, RemoteIssue)> {
    let issue = row.pull_request.is_none().then(|| row.into_model())?;
    Some((issue.number, issue))
}

fn moved(call: &Call, to: String) -> ForgeError {
    match call.number {
        Some(number) => ForgeError::Gone { number, reason: format!("it moved to {to}") },
        None => ForgeError::RedirectRefused { from: call.what(), to },
    }
}

/// The link of a `Link` header that stands for `rel`.
fn link<'h>(header: &'h str, rel: &str) -> Option<&'h str> {
    // An address may hold commas and semicolons, so it is cut out by its brackets first.
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let (url, after) = after.split_once('>')?;
        let end = after.find('<').unwrap_or(after.len());
        let (parameters, following) = after.split_at(end);
        let is_it = |p: &str| {
            let p: String = p.chars().filter(|c| !c.is_whitespace() && *c != '"').collect();
            p.split_once('=').is_some_and(|(name, value)| {
                name.eq_ignore_ascii_case("rel") && value.eq_ignore_ascii_case(rel)
            })
        };
        if parameters.split([';', ',']).any(is_it) {
            return Some(url);
        }
        rest = following;
    }
    None
}

/// The same page by its cursor alone: beyond a depth (1,000 and 10,000 rows have been
/// measured) GitHub refuses `page`, also beside the cursor that it put there itself.
fn cursor_only(path: &str) -> Option<String> {
    let (plain, query) = path.split_once('?')?;
    let is = |pair: &str, name: &str| pair.split('=').next() == Some(name);
    let kept: Vec<_> = query.split('&').filter(|p| !is(p, "page")).collect();
    let has_cursor = kept.iter().any(|p| is(p, "after"));
    let shorter = kept.len() < query.split('&').count();
    (has_cursor && shorter).then(|| format!("{plain}?{}", kept.join("&")))
}

/// The number of a page in its path.
fn page_of(path: &str) -> Option<usize> {
    let (_, query) = path.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("page=")?.parse().ok())
}

/// The same list at another page.
fn with_page(path: &str, page: usize) -> String {
    let (plain, query) = path.split_once('?').unwrap_or((path, ""));
    let kept: Vec<_> =
        query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("page=")).collect();
    format!("{plain}?{}&page={page}", kept.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found() {
        for (header, want) in [
            (
                r#"<https://h/a?page=2>; rel="next", <https://h/a?page=9>; rel="last""#,
                Some("https://h/a?page=2"),
            ),
            (
                r#"<https://h/a?page=1>; rel="prev",<https://h/a?x=1,2;3>;rel=next"#,
                Some("https://h/a?x=1,2;3"),
            ),
            (r#"<https://h/a>; title="x"; rel="next""#, Some("https://h/a")),
            (r#"<https://h/a>; rel="prev""#, None),
            (r#"<https://h/a>; rel="nextish""#, None),
            ("<https://h/a", None),
            ("", None),
        ] {
            assert_eq!(link(header, "next"), want, "{header}");
        }
    }

    #[test]
    fn beyond_the_page_limit_only_the_cursor_is_sent() {
        assert_eq!(cursor_only("/x?state=all&after=ab&page=11").as_deref(), Some("/x?state=all&after=ab"));
        assert_eq!(cursor_only("/x?after=ab"), None);
        assert_eq!(cursor_only("/x?page=11"), None);
        assert_eq!(cursor_only("/x"), None);
    }

    #[test]
    fn pages_are_counted_by_the_last_one() {
        let last = "/repositories/1/issues?state=all&per_page=100&page=12";
        assert_eq!(page_of(last), Some(12));
        assert_eq!(with_page(last, 3), "/repositories/1/issues?state=all&per_page=100&page=3");
        assert_eq!((page_of("/x?per_page=100"), page_of("/x")), (None, None));
        assert_eq!(
            link(r#"<https://h/a?page=2>; rel="next", <https://h/a?page=9>; rel="last""#, "last"),
            Some("https://h/a?page=9")
        );
    }
}
