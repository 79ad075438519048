//! A disk that is full, takes nothing, or holds what no worklog is.

use super::{plain_end, shell};
use crate::both::{Both, REPO, Synced};
use crate::kill::scene::{EARLIER, End, LATER, copy, scene, settle};
use crate::matrix::fired;

/// No file may grow beyond so many kilobytes. The system says so with an error as on a full disk,
/// since the signal is ignored.
fn with_limit(both: &Both, kilobytes: usize) -> Synced {
    shell(both, &format!("trap '' XFSZ; ulimit -f {kilobytes}; exec $G sync"))
}

/// A body that makes a worklog too large for the limit, while the journal still fits.
fn long_body() -> String {
    "A line of a long story.\n".repeat(3_000)
}

/// The worklogs can't be written: what was made is known all the same, and filed once.
#[test]
fn with_no_room_for_the_worklogs_the_next_sync_has_what_was_made() {
    let scene = scene();
    let long = scene.sandbox.read(LATER) + &long_body();
    scene.sandbox.write(LATER, long);
    let end = plain_end(&scene);
    let both = copy(&scene);
    let Synced { answer, writes, .. } = with_limit(&both, 40);
    let said = format!("{}{}", answer.out, answer.err);
    assert_eq!(answer.code, 3, "{said}");
    assert!(answer.out.contains("worklogs/later.md: File too large"), "{said}");
    fired("no room for a worklog");
    assert_eq!(writes.iter().filter(|w| w.ends_with("/issues")).count(), 2, "{said}");
    // Where they are is said although it could not be written down.
    for number in ["#1024", "#1025"] {
        assert!(answer.out.contains(number), "{said}");
    }
    let again = both.run(["sync"]);
    assert!(again.writes.iter().all(|w| !w.starts_with("POST")), "{:?}", again.writes);
    both.minutes(16);
    settle(&both, 2).unwrap_or_else(|why| panic!("{said}\n{why}"));
    end.assert_same(&End::of(&both), &said);
}

/// Whether a new mount namespace is to be had: for root, and where users may make one.
fn may_mount() -> bool {
    let tried = std::process::Command::new("unshare").args(["-m", "true"]).output();
    tried.is_ok_and(|o| o.status.success())
}

/// A disk that is really full, under the journal, with so much room left in it.
#[test]
fn on_a_full_disk_nothing_is_created_that_is_not_noted() {
    if !may_mount() {
        println!("skipped: no mount namespace to be had here");
        return;
    }
    let scene = scene();
    let end = plain_end(&scene);
    for pages in [0, 1] {
        let both = copy(&scene);
        let script = format!(
            "set -e; d=$PWD/.git/gardener; s=$(mktemp -d -p ..); mount -t tmpfs -o size=64k none $s; \
             cp -a $d/. $s/; mount --bind $s $d; \
             dd if=/dev/zero of=$d/filler bs=4096 count=100 2>/dev/null || true; \
             truncate -s $(( $(stat -c %s $d/filler) - 4096 * {pages} )) $d/filler; \
             set +e; $G sync; code=$?; echo x 2>/dev/null >$d/probe && sync; df --output=avail $d | tail -1 >&2; \
             set -e; rm -f $d/filler $d/probe; umount $d; cp -a $s/. $d/; umount $s; exit $code"
        );
        let namespace = format!("export G; exec unshare -m bash -c '{script}'");
        let Synced { answer, writes, .. } = shell(&both, &namespace);
        let said =
            format!("room for {pages}: exit {}\n{writes:?}\n{}{}", answer.code, answer.out, answer.err);
        assert!([1, 3].contains(&answer.code), "{said}");
        assert!(said.contains("No space left on device"), "{said}");
        fired("no space left on device");
        both.minutes(16);
        settle(&both, 3).unwrap_or_else(|why| panic!("{said}\n{why}"));
        end.assert_same(&End::of(&both), &said);
    }
}

/// A folder that takes nothing. Root may write anywhere, unless it is without that right.
fn without_writing_to(both: &Both, folders: &[&str]) -> Synced {
    let mut line = String::new();
    for folder in folders {
        line.push_str(&format!("chmod a-w {folder}; "));
    }
    let run = "if [ $(id -u) = 0 ]; then w=\"setpriv --bounding-set=-dac_override,-dac_read_search \
               --inh-caps=-all\"; fi; ";
    line.push_str(run);
    for folder in folders {
        line.push_str(&format!("if $w touch {folder}/probe 2>/dev/null; then exit 99; fi; "));
    }
    line.push_str("$w $G sync; code=$?; ");
    for folder in folders {
        line.push_str(&format!("chmod u+w {folder}; "));
    }
    let synced = shell(both, &(line + "exit $code"));
    assert_ne!(synced.answer.code, 99, "the folder takes files all the same");
    fired("a folder that takes nothing");
    synced
}

#[test]
fn where_nothing_can_be_written_nothing_is_made_that_is_not_noted() {
    let scene = scene();
    let end = plain_end(&scene);
    for (folders, code, says, made) in [
        (&["worklogs"][..], 3, "Permission denied", 2),
        (&[".git/gardener", ".git/gardener/journal"], 1, "nothing is created without the journal", 0),
        (&[".git/objects", ".git/refs/heads", ".git"], 3, "not committed", 2),
        (&["worklogs", ".git"], 3, "Permission denied", 2),
    ] {
        let both = copy(&scene);
        let before = both.sandbox.snapshot();
        let Synced { answer, writes, commits, .. } = without_writing_to(&both, folders);
        let said = format!("{folders:?}: exit {}\n{writes:?}\n{}{}", answer.code, answer.out, answer.err);
        assert_eq!((answer.code, commits), (code, 0), "{said}");
        assert!(said.contains(says), "{said}");
        assert_eq!(writes.iter().filter(|w| w.ends_with("/issues")).count(), made, "{said}");
        let (left, was) = (both.sandbox.snapshot(), before);
        assert_eq!(left.without(&[EARLIER, LATER]), was.without(&[EARLIER, LATER]), "{said}");
        both.minutes(16);
        settle(&both, 3).unwrap_or_else(|why| panic!("{said}\n{why}"));
        end.assert_same(&End::of(&both), &said);
    }
}

/// Pipes, devices, huge files and folders among the worklogs: named, left alone, not waited for.
#[test]
fn what_is_no_worklog_is_left_alone_and_the_rest_goes_on() {
    let both = Both::new();
    let path = both.worklog("w", "  - id: e\n    title: Mine\n");
    both.sandbox.write("worklogs/huge.md", vec![b'x'; 3 << 20]);
    both.sandbox.write("worklogs/folder.md/inside.txt", "text\n");
    both.sandbox.program("mkfifo", ["worklogs/pipe.md", "gardener.toml.fifo"]).output();
    both.sandbox.link("/dev/zero", "worklogs/zero.md");
    let before = both.sandbox.try_git(["status", "--porcelain", "-uall"]).out;
    let synced = both.run_in(both.gardener(["sync"]));
    let said = format!("{}{}", synced.answer.out, synced.answer.err);
    assert_eq!((synced.answer.code, synced.commits), (3, 1), "{said}");
    fired("a pipe, a device and a huge file among the worklogs");
    for name in ["worklogs/huge.md", "worklogs/zero.md"] {
        assert!(said.contains(name), "{said}");
    }
    assert!(both.sandbox.read(&path).contains("issue: 1"), "{said}");
    assert_eq!(both.github(|g| g.issue_numbers(REPO)), [1]);
    assert_eq!(both.sandbox.try_git(["status", "--porcelain", "-uall"]).out, before);
    let again = both.run(["sync"]);
    assert_eq!((again.answer.code, again.writes.len(), again.commits), (3, 0, 0), "{}", again.answer.err);
}
