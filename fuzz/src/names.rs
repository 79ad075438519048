//! Names of issues, repositories, links, labels, entries, moments and hosts: what is read from any
//! text is printed so that it is read the same, and can't leave its place.

use gardener::forge::Address;
use gardener::model::{EntryKey, IssueRef, Label, Link, LinkTarget, RepoSlug, Timestamp};
use gardener::repo::RemoteUrl;

/// A name.
pub fn holds(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    if let Some(issue) = IssueRef::parse(&text) {
        assert!(issue.number > 0);
        assert_eq!(IssueRef::parse(&issue.to_string()), Some(issue));
    }
    if let Ok(slug) = RepoSlug::parse(&text) {
        assert_eq!(slug.to_string(), text);
        assert_eq!(text.matches('/').count(), 1);
        assert!(!text.split('/').any(|part| matches!(part, "" | "." | "..")));
    }
    if let Ok(link) = Link::parse(&text) {
        assert_eq!(Link::parse(&link.to_string()).as_ref(), Ok(&link), "{text:?}");
        let home = RepoSlug::parse("acme/app").expect("a name");
        let short = link.in_short(&home);
        assert_eq!(short.in_short(&home), short);
        assert!(!link.to_string().contains(char::is_control));
        if let LinkTarget::Path(path) = &link.target {
            assert!(!path.starts_with('/') && !path.split('/').any(|part| part == ".."), "{path}");
        }
    }
    if let Some(label) = Label::new(&text) {
        assert_eq!(label.name(), text);
        let folded = Label::new(label.folded()).expect("case makes no label another");
        assert_eq!(folded, label, "{text:?}");
    }
    if let Ok(key) = EntryKey::parse(&text) {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        assert_eq!(moment.to_string().parse(), Ok(moment), "{text:?}");
    }
    if let Some(url) = RemoteUrl::parse(&text) {
        hosts(&url.host);
        let again = RemoteUrl::parse(&format!("https://{}/{}.git", url.host, url.slug)).expect("an address");
        assert_eq!((again.host, again.slug), (url.host, url.slug), "{text:?}");
    }
    if let Ok(address) = Address::of_host(&text) {
        assert!(address.rest().starts_with("https://"), "{address:?}");
    }
    if let Ok(address) = Address::new("github.com", Some(&text), None) {
        let rest = address.rest();
        assert!(rest.starts_with("https://") || address.is_loopback(), "{rest}");
        assert!(!rest.contains(['@', '?', '#', ' ', '\\']), "{rest}");
        hosts(address.host());
    }
}

/// A host is a name and perhaps a port, and nothing that changes where a request goes.
fn hosts(host: &str) {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:[]".contains(c);
    assert!(!host.is_empty() && host.chars().all(plain), "{host:?}");
}
