//! A managed block is read from any text, and setting the links of one occurrence changes that
//! occurrence's lines and no others.

use gardener::block::{Block, Found};
use gardener::model::{EntryKey, Link};

use super::tape::Tape;

/// A text, a null byte, and what is set.
pub fn holds(data: &[u8]) {
    let (text, mut tape) = Tape::split(data);
    let found = match Found::read(&text) {
        Found::Unreadable(why) => return assert!(!why.is_empty()),
        Found::Nothing => None,
        Found::Block(block) => Some(block),
    };
    let (mut text, mut block) = match found {
        Some(block) => {
            let same = block.put_into(&text);
            assert_eq!(lists(&read(&same)), lists(&block), "{same}");
            (text, block)
        }
        None => (text, Block::new()),
    };
    for _ in 0..4 {
        if tape.is_empty() {
            break;
        }
        let known: Vec<EntryKey> = block.keys().cloned().collect();
        let key = if tape.byte() & 1 == 0 || known.is_empty() { tape.key() } else { tape.pick(&known) };
        let links: Vec<Link> = (0..tape.below(4)).map(|_| tape.link()).collect();
        let path = tape.pick(&["worklogs/w.md", "worklogs/`a` <!-- b -->.md", "w -->.md", "a\nb.md"]);
        (text, block) = set(&text, block, &key, path, &links);
    }
}

fn set(old: &str, mut block: Block, key: &EntryKey, path: &str, links: &[Link]) -> (String, Block) {
    let before = block.clone();
    block.set(key, path, links);
    let new = block.put_into(old);
    let again = read(&new);
    let was: Vec<_> = lists(&before).into_iter().filter(|(k, _)| k != key).collect();
    let is: Vec<_> = lists(&again).into_iter().filter(|(k, _)| k != key).collect();
    assert_eq!(is, was, "the links of others\n{old}\n=>\n{new}");
    for other in before.keys().filter(|k| *k != key) {
        assert_eq!(lines(&new, other), lines(old, other), "the lines of {other}\n{old}\n=>\n{new}");
    }
    // Around the block all is as it was, but for blanks at the end where there was none.
    match (old.find("<!-- gardener:block 1"), old.rfind("<!-- gardener:end -->")) {
        _ if before.keys().next().is_none() && Found::read(old) == Found::Nothing => {
            assert!(new.starts_with(old.trim_end()), "{old}\n=>\n{new}");
        }
        (Some(begin), Some(end)) => {
            let line = old[..begin].rfind('\n').map_or(0, |at| at + 1);
            assert!(new.starts_with(&old[..line]), "{old}\n=>\n{new}");
            let below = old[end..].split_once('\n').map_or("", |(_, below)| below);
            assert!(new.ends_with(below), "{old}\n=>\n{new}");
        }
        _ => {}
    }
    // Read again and set again, nothing changes: a sync would otherwise write for ever.
    let mut twice = again.clone();
    twice.set(key, path, links);
    assert_eq!(twice.put_into(&new), again.put_into(&new), "{links:?} a second time\n{new}");
    (new, again)
}

fn read(text: &str) -> Block {
    match Found::read(text) {
        Found::Block(block) => block,
        other => panic!("{other:?} in {text}"),
    }
}

fn lists(block: &Block) -> Vec<(EntryKey, Vec<Link>)> {
    block.keys().map(|key| (key.clone(), block.links(key).expect("it is listed").to_vec())).collect()
}

/// The lines of an occurrence as they stand, blank ones left out.
fn lines<'t>(text: &'t str, key: &EntryKey) -> Vec<&'t str> {
    let start = format!("<!-- gardener:occurrence {key} -->");
    let opens =
        |line: &&str| line.contains("<!-- gardener:occurrence ") || line.contains("<!-- gardener:end -->");
    let block = text.lines().skip_while(|line| line.trim() != "<!-- gardener:block 1 -->");
    let rest = block.skip_while(|line| !line.contains(&start));
    let own = rest.enumerate().take_while(|(at, line)| *at == 0 || !opens(line)).map(|(_, line)| line);
    own.filter(|line| !line.trim().is_empty()).collect()
}
