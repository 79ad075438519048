//! The table of processes, as the system tells it: who is whose child, and in which group.
//!
//! On Linux it is read from `/proc`, elsewhere on unix from `ps`. What is missing is left out:
//! processes come and go while the table is read.
#![expect(clippy::disallowed_methods, reason = "it is an edge to the processes of this machine")]
#![cfg_attr(
    not(target_os = "linux"),
    expect(clippy::disallowed_types, reason = "it is an edge to the processes of this machine")
)]

/// One process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) pid: i32,
    pub(super) parent: i32,
    pub(super) group: i32,
    /// 0 where it is not known.
    pub(super) session: i32,
    /// Whether it can still do anything: it is no zombie.
    pub(super) is_alive: bool,
    /// When it began, in the system's ticks; with the number it names one process for ever. 0
    /// where it is not known.
    pub(super) start: u64,
    pub(super) name: String,
}

/// All processes. Whoever begins while the table is read is in it, too: a process that is gone when
/// its turn comes may have left a child that was not yet there when the list was made.
#[cfg(target_os = "linux")]
pub(super) fn all() -> Vec<Seen> {
    let (mut known, mut table) = (std::collections::BTreeSet::new(), Vec::new());
    for _ in 0..20 {
        let Ok(items) = std::fs::read_dir("/proc") else { break };
        let pid = |item: std::fs::DirEntry| item.file_name().to_str()?.parse().ok();
        let fresh: Vec<i32> = items.flatten().filter_map(pid).filter(|pid| known.insert(*pid)).collect();
        if fresh.is_empty() {
            break;
        }
        table.extend(fresh.into_iter().filter_map(one));
    }
    table
}

/// One process, if it is there.
#[cfg(target_os = "linux")]
pub(super) fn one(pid: i32) -> Option<Seen> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    parse_stat(&String::from_utf8_lossy(&stat))
}

/// The processes that have a file open, each with its number and name: those of this user, as far
/// as the system tells.
#[cfg(target_os = "linux")]
pub fn who_has_open(path: &std::path::Path) -> Vec<(i32, String)> {
    let Ok(wanted) = path.canonicalize() else { return Vec::new() };
    let has_it = |pid: i32| {
        let files = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
        let is_it = |file: std::fs::DirEntry| file.path().read_link().is_ok_and(|to| to == wanted);
        files.flatten().any(is_it).then_some(())
    };
    let mut found: Vec<_> = all().into_iter().filter(|seen| has_it(seen.pid).is_some()).collect();
    found.sort_by_key(|seen| seen.pid);
    found.into_iter().map(|seen| (seen.pid, seen.name)).collect()
}

/// Nothing but a tool that may be missing tells it here.
#[cfg(all(unix, not(target_os = "linux")))]
pub fn who_has_open(_path: &std::path::Path) -> Vec<(i32, String)> {
    Vec::new()
}

/// The children of this process, without those of its children: quicker than the whole table.
/// Empty where the kernel does not tell.
#[cfg(target_os = "linux")]
pub(super) fn own_children() -> Vec<i32> {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return Vec::new() };
    let read = |item: std::fs::DirEntry| std::fs::read_to_string(item.path().join("children")).ok();
    let lists: Vec<String> = threads.flatten().filter_map(read).collect();
    lists.iter().flat_map(|list| list.split_ascii_whitespace()).filter_map(|pid| pid.parse().ok()).collect()
}

/// Whether this program was started so that it goes on when its terminal goes away (`nohup`): then
/// the signal that says so is ignored from the start.
#[cfg(target_os = "linux")]
pub fn ignores_hangup() -> bool {
    // One bit a signal, the lowest is number 1, which is SIGHUP.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// As above. Here the system does not tell; but `nohup` leaves no output on the terminal.
#[cfg(all(unix, not(target_os = "linux")))]
pub fn ignores_hangup() -> bool {
    use std::io::IsTerminal as _;

    !std::io::stderr().is_terminal()
}

/// What a variable of a process was when its program began, if that may be known.
#[cfg(target_os = "linux")]
pub(super) fn variable(pid: i32, name: &str) -> Option<Vec<u8>> {
    use std::io::Read as _;

    let file = std::fs::File::open(format!("/proc/{pid}/environ")).ok()?;
    let mut all = Vec::new();
    // The system itself allows no more than about six megabytes.
    file.take(8 << 20).read_to_end(&mut all).ok()?;
    let mut variables = all.split(|b| *b == 0);
    variables.find_map(|v| v.strip_prefix(name.as_bytes())?.strip_prefix(b"=").map(<[u8]>::to_vec))
}

/// `pid (name) state parent group session …`; a name may hold brackets and spaces.
#[cfg(target_os = "linux")]
fn parse_stat(stat: &str) -> Option<Seen> {
    let (pid, rest) = stat.split_once(" (")?;
    let (name, rest) = rest.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|f| f.parse::<i32>().ok());
    // A zombie with threads is one whose main thread has ended before the others.
    let is_zombie = matches!(*fields.first()?, "Z" | "X") && number(17)? <= 1;
    Some(Seen {
        pid: pid.parse().ok()?,
        parent: number(1)?,
        group: number(2)?,
        session: number(3)?,
        is_alive: !is_zombie,
        start: fields.get(19)?.parse().ok()?,
        name: name.to_owned(),
    })
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(super) fn all() -> Vec<Seen> {
    let columns = ["pid=", "ppid=", "pgid=", "stat=", "comm="].map(|c| ["-o", c]).concat();
    let mut command = std::process::Command::new("ps");
    command.arg("-A").args(columns).stdin(std::process::Stdio::null());
    let out = command.output().map(|o| o.stdout).unwrap_or_default();
    String::from_utf8_lossy(&out).lines().filter_map(parse_ps).collect()
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(super) fn one(pid: i32) -> Option<Seen> {
    all().into_iter().find(|seen| seen.pid == pid)
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(super) fn own_children() -> Vec<i32> {
    Vec::new()
}

/// Nobody's variables are known here.
#[cfg(all(unix, not(target_os = "linux")))]
pub(super) fn variable(_pid: i32, _name: &str) -> Option<Vec<u8>> {
    None
}

/// `pid parent group state name`, as `ps` prints it.
#[cfg(any(test, all(unix, not(target_os = "linux"))))]
fn parse_ps(line: &str) -> Option<Seen> {
    let mut words = line.split_ascii_whitespace();
    let mut number = || words.next().and_then(|w| w.parse::<i32>().ok());
    let (pid, parent, group) = (number()?, number()?, number()?);
    let is_alive = !words.next()?.starts_with('Z');
    let name = words.collect::<Vec<_>>().join(" ");
    Some(Seen { pid, parent, group, session: 0, is_alive, start: 0, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_may_look_like_the_rest_of_the_line() {
        let rest = "1 7 8 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 9912 1 2 3";
        let seen = parse_stat(&format!("42 (a) Z 9 (b) S {rest}")).expect("read");
        assert_eq!((seen.pid, seen.parent, seen.group, seen.session), (42, 1, 7, 8));
        assert_eq!((seen.is_alive, seen.start, seen.name.as_str()), (true, 9912, "a) Z 9 (b"));
        let zombie = parse_stat(&format!("42 (a) Z {rest}")).expect("read");
        assert!(!zombie.is_alive);
        let threads = rest.replace("20 0 1 0", "20 0 3 0");
        assert!(parse_stat(&format!("42 (a) Z {threads}")).expect("read").is_alive);
        let own = one(i32::try_from(std::process::id()).expect("small")).expect("this process");
        assert!(own.is_alive && own.start > 0 && all().contains(&own));
    }

    #[test]
    fn what_ps_prints_is_understood() {
        let seen = parse_ps("  812   1  812 Ss   /usr/bin/ssh agent").expect("read");
        assert_eq!((seen.pid, seen.parent, seen.group, seen.is_alive), (812, 1, 812, true));
        assert_eq!(seen.name, "/usr/bin/ssh agent");
        assert!(!parse_ps("9 1 9 Z+ <defunct>").expect("read").is_alive);
        assert_eq!(parse_ps("PID PPID"), None);
    }
}
