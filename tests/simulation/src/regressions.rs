//! Seeds that went wrong once, each with what it found. They are run with every `cargo test` of
//! this package, with the workload that they had then; where that changes all the same they are a
//! sample like any other.

use crate::{Setting, run};

const SEEDS: [(u64, &str); 29] = [
    (9_340, "a value came true on GitHub, and only the journal had noted it"),
    (11_003, "a label was taken off before the note that it had landed"),
    (13_468, "the same where the disk had refused the folder's sync"),
    (27_347, "a new entry says what GitHub says, and another one of the issue changes it"),
    (34_862, "another clone wrote between the last look and the write"),
    (59_867, "a removal that had landed with no note of it undid the next addition"),
    (75_792, "an edit was made while a sync that agreed on the old value was running"),
    (76_574, "an edit here that said what the loser of a race was filed with was not one"),
    (80_554, "a receipt of the same second as the line was taken for the newer one"),
    (125_533, "somebody changed a severity between its two writes"),
    (140_884, "an edit here that said what the loser of a race was filed with was not one"),
    (177_899, "two losers of a race contest one field, and were shown as one"),
    (243_315, "a merge brought a value together with the base line that has it"),
    (152_574, "a part of a line in the journal spoiled the next record, too"),
    (283_675, "an edit of a contested value went under when its entry moved to the issue that stays"),
    (297_025, "a list is written anew while another entry takes a label off"),
    (369_837, "a clone that filed neither issue took its own edit for what was filed"),
    (419_861, "GitHub changes no reason of an issue that stays closed, whoever of a race says it"),
    (546_743, "both clones took the number away before either knew of the other's issue"),
    (579_369, "closed between the last look and the status label"),
    (611_324, "what the loser says can't settle the reason of an issue that stays closed"),
    (611_483, "a severity was set again between the two writes that change it"),
    (641_255, "an entry without a status got one while a sync was running"),
    (683_425, "closed by somebody else in the moment of the write was taken for a refusal"),
    (814_374, "another branch's text had the line of the last agreement by chance"),
    (805_935, "a label was taken off with no answer, and put on again here"),
    (950_148, "a label came back in the very second of the base that had it"),
    (978_083, "an entry got the status that its issue was just being filed with"),
    (813_717, "a loser was known by its number alone, and forgotten once its entry had moved"),
];

/// The same for seeds of the workload with pushes, undo and the merge driver.
const LATER: [(u64, &str); 15] = [
    (1_635, "somebody who wrote during a push went back to what the base before it said"),
    (1_859, "found when pushes, undo and the merge driver came in"),
    (1_910, "found when pushes, undo and the merge driver came in"),
    (2_393, "found when pushes, undo and the merge driver came in"),
    (3_063, "found when pushes, undo and the merge driver came in"),
    (5_486, "found when pushes, undo and the merge driver came in"),
    (6_500, "found when pushes, undo and the merge driver came in"),
    (8_031, "found when pushes, undo and the merge driver came in"),
    (13_651, "found when pushes, undo and the merge driver came in"),
    (25_029, "a judge was too strict about undo or about a merge of the driver"),
    (26_910, "a judge was too strict about undo or about a merge of the driver"),
    (46_615, "a list is written anew while an entry of another worklog takes a label off"),
    (49_570, "an edit after a revert has seen what was reverted"),
    (75_074, "a push sent what was committed after somebody had gone back to the base, uncommitted"),
    (91_433, "a receipt that the worklog did not get counts for the committed text, too"),
];

#[test]
fn what_went_wrong_once_stays_right() {
    for (seed, what) in SEEDS {
        assert_eq!(
            run(seed, Setting { as_at_first: true, ..Setting::default() }).wrong,
            Vec::<String>::new(),
            "seed {seed}: {what}"
        );
    }
    for (seed, what) in LATER {
        assert_eq!(run(seed, Setting::default()).wrong, Vec::<String>::new(), "seed {seed}: {what}");
    }
}
