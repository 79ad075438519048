//! The table: sixty-two faults, in the order in which they were written down before the first
//! line of gardener was.

/// One expected fault.
pub(super) struct Row {
    pub(super) number: u32,
    pub(super) fault: &'static str,
    /// Tests that cover it.
    pub(super) tests: &'static [&'static str],
    /// Faults that must have struck in them.
    pub(super) faults: &'static [&'static str],
}

const fn row(
    number: u32,
    fault: &'static str,
    tests: &'static [&'static str],
    faults: &'static [&'static str],
) -> Row {
    Row { number, fault, tests, faults }
}

const KILLED: &str = "kill::killed_before_any_effect_a_sync_recovers_without_duplicates";
const KILLED_SENDING: &str = "kill::killed_while_a_request_is_on_its_way_a_sync_recovers_without_duplicates";
const KILLED_ANYWHERE: &str = "rough::kill::killed_at_any_moment_a_sync_recovers_without_duplicates";
const REFUSALS: &str = "failures::refusals_and_limits";
const STORMS: &str = "failures::storms_and_broken_answers";

pub(super) const TABLE: &[Row] = &[
    row(
        1,
        "killed before the intent is noted",
        &[KILLED, KILLED_ANYWHERE],
        &["kill -9 before append to journal", "kill -9 at a random moment"],
    ),
    row(
        2,
        "killed with the intent noted and nothing sent",
        &[KILLED],
        &["kill -9 before http POST /repos/acme/app/issues"],
    ),
    row(
        3,
        "killed when GitHub has made the issue and its number is not noted",
        &[KILLED, KILLED_SENDING],
        &["kill -9 before answer to http POST /repos/acme/app/issues", "kill -9 while a request is Applied"],
    ),
    row(
        4,
        "the same, and lists lag",
        &[KILLED],
        &["kill -9 before answer to http POST /repos/acme/app/issues, lists lag"],
    ),
    row(
        5,
        "the same, and the journal is gone with the runner",
        &[
            "rough::together::killed_on_a_runner_that_is_gone_the_next_one_adopts_the_issue",
            "attack::p01_a_workflow_knows_its_own_issue_again_without_a_journal",
        ],
        &["kill -9 after a creation, and the journal gone"],
    ),
    row(
        6,
        "killed with the number noted and not in the worklog",
        &[KILLED],
        &["kill -9 before write a temporary file for later.md"],
    ),
    row(
        7,
        "killed while a worklog is written",
        &[KILLED, KILLED_ANYWHERE],
        &["kill -9 before rename onto later.md", "kill -9 at a random moment"],
    ),
    row(
        8,
        "killed with the worklogs written and no commit",
        &[KILLED],
        &["kill -9 before run git commit --quiet"],
    ),
    row(
        9,
        "no room or no right to note the intent",
        &[
            "failures::here::when_the_journal_can_not_grow_nothing_is_created",
            "failures::here::without_a_place_for_the_journal_nothing_is_sent",
            "rough::disk::where_nothing_can_be_written_nothing_is_made_that_is_not_noted",
        ],
        &["no room for the journal", "no place for the journal", "a folder that takes nothing"],
    ),
    row(
        10,
        "no room to note the number, or for the worklog",
        &[
            "failures::here::when_the_journal_can_not_grow_nothing_is_created",
            "rough::disk::with_no_room_for_the_worklogs_the_next_sync_has_what_was_made",
            "rough::disk::on_a_full_disk_nothing_is_created_that_is_not_noted",
        ],
        &["no room for the journal", "no room for a worklog"],
    ),
    row(
        11,
        "the answer to a creation is lost: time-out, 5xx, reset",
        &[
            "failures::any_one_write_without_an_answer",
            STORMS,
            "wire::faults::nothing_that_creates_is_sent_twice",
            "wire::limits::a_slow_answer_to_a_write_is_doubtful_when_time_is_up",
        ],
        &[
            "After Drop",
            "Before Drop",
            "After Status 502",
            "After Status 500",
            "Before Status 503",
            "After Cut 60",
            "After Slow",
        ],
    ),
    row(
        12,
        "a limit with its headers",
        &[REFUSALS, "wire::limits::a_short_limit_is_sat_out_and_said"],
        &["Before RateLimitPrimary", "Before RateLimitSecondary"],
    ),
    row(
        13,
        "the secondary limit without a header",
        &[
            "wire::limits::a_limited_write_was_refused_and_the_rest_is_not_sent",
            "wire::limits::the_secondary_limit_without_a_header_is_a_minute_then_two",
        ],
        &["POST 403", "Before RateLimitSecondary"],
    ),
    row(
        14,
        "labels are dropped without a word",
        &["failures::rights::labels_that_github_drops_are_said_remembered_and_not_agreed_on"],
        &["labels dropped"],
    ),
    row(
        15,
        "a label is not there and may not be made",
        &["matrix::rows::a_label_that_may_not_be_made_costs_the_label_and_not_the_issue"],
        &["a label that may not be made"],
    ),
    row(
        16,
        "GitHub finds the title, text or label invalid",
        &["matrix::rows::what_github_finds_invalid_is_that_entrys_business"],
        &["Before Status 422"],
    ),
    row(
        17,
        "a text is answered with 200 and not taken",
        &["failures::issues::a_body_that_is_too_long_is_cut_and_one_that_grew_is_held_back_until_it_shrinks"],
        &["a text not taken"],
    ),
    row(
        18,
        "410 to a creation: issues are switched off",
        &["matrix::rows::where_issues_are_switched_off_at_the_last_moment_nothing_is_unlinked", REFUSALS],
        &["Before Status 410", "GET 410"],
    ),
    row(
        19,
        "two runs in one clone",
        &[
            "worktree_safety::two_syncs_at_once_do_one_sync",
            "rough::together::two_runs_in_one_clone_are_one_sync",
            "rough::together::who_does_not_get_the_lock_says_that_nothing_was_done",
        ],
        &["After Hold", "two runs in one clone", "the lock held by another run"],
    ),
    row(
        20,
        "two clones or jobs at once",
        &[
            "rough::together::two_clones_at_once_lose_nothing",
            "race::two_processes_post_at_the_same_time",
            "race::two_clones_that_file_at_once_come_to_the_lowest_number_in_either_order",
            "race::three_clones_come_to_the_lowest_number_in_every_order",
            "race::what_people_did_on_the_loser_is_merged_before_it_is_closed",
            "race::killed_before_any_effect_of_ending_a_race_it_is_ended_once",
        ],
        &[
            "two clones at once",
            "one entry filed twice",
            "two creations on their way at once",
            "kill -9 while a race is ended",
        ],
    ),
    row(
        21,
        "a CI job is cancelled",
        &[
            "rough::leaving::told_to_stop_it_notes_the_outcome_of_its_request_and_ends_by_the_signal",
            KILLED_ANYWHERE,
        ],
        &["SIGTERM", "killed by signal 15", "kill -9 at a random moment"],
    ),
    row(
        22,
        "a label is edited between look and write",
        &["failures::meanwhile::a_label_added_between_the_last_look_and_the_write_stays"],
        &["somebody else in between"],
    ),
    row(
        23,
        "a state is set between look and write",
        &[
            "failures::meanwhile::a_state_set_between_the_last_look_and_the_write_is_a_conflict",
            "failures::meanwhile::an_issue_that_changes_after_the_plan_is_not_written_to",
        ],
        &["somebody else in between"],
    ),
    row(
        24,
        "both sides change alike",
        &["matrix::rows::what_both_sides_changed_alike_is_agreed_without_a_write"],
        &["both sides changed alike"],
    ),
    row(
        25,
        "both sides set different states",
        &["rules::rule_11_conflicts_can_be_settled_either_way", "rules::rule_01_old_edits_do_not_replay"],
        &["exit 4"],
    ),
    row(
        26,
        "a list is an error, empty, or half",
        &[
            "matrix::rows::lists_that_are_empty_by_mistake_close_and_unlink_nothing",
            "wire::reads::a_list_is_whole_or_an_error",
            STORMS,
        ],
        &["Before Answer 200", "After Cut 100", "Before Status 503"],
    ),
    row(
        27,
        "everything is gone or new at once",
        &[
            "matrix::rows::too_much_at_once_stops_before_the_first_write",
            "brakes::too_many_new_issues",
            "brakes::too_many_closed_issues",
            "brakes::too_many_changes_of_one_field_or_comments",
            "brakes::every_linked_issue_is_gone",
            "brakes::every_tracked_issue_changed_at_once",
            "brakes::every_worklog_lost_its_entries_or_numbers",
            "race::ending_a_race_counts_for_the_brakes",
        ],
        &["thirty new issues at once", "all issues gone at once", "exit 5"],
    ),
    row(
        28,
        "rows move across pages while a list is read",
        &["wire::reads::lists_are_read_to_their_end_and_again_while_they_change"],
        &["a row that moves across pages"],
    ),
    row(
        29,
        "a list is behind",
        &["matrix::rows::a_list_that_is_behind_turns_nothing_back"],
        &["lists that are behind"],
    ),
    row(
        30,
        "404 for a linked issue",
        &["matrix::rows::an_issue_that_is_not_found_is_left_as_it_is", REFUSALS],
        &["Before Status 404", "GET 404"],
    ),
    row(31, "410 for a linked issue", &["failures::issues::a_deleted_issue_is_left_alone"], &["GET 410"]),
    row(
        32,
        "an issue is transferred",
        &[
            "failures::issues::a_transferred_issue_is_left_alone",
            "wire::redirects::a_transferred_issue_is_never_written_to",
        ],
        &["GET 301"],
    ),
    row(
        33,
        "the repository is renamed",
        &[
            "failures::issues::a_renamed_repository_is_synced_under_its_new_name",
            "wire::redirects::a_write_follows_a_rename_with_method_and_body",
        ],
        &["GET 301", "POST 307"],
    ),
    row(
        34,
        "the number is a pull request's",
        &["failures::issues::a_pull_request_is_never_written_to"],
        &["a pull request"],
    ),
    row(
        35,
        "an issue is locked",
        &[
            "failures::issues::a_locked_issue_takes_no_comment_and_all_else",
            "wire::writes::each_refusal_has_its_reason_and_only_some_stop_the_rest",
        ],
        &["a locked issue", "POST 403"],
    ),
    row(
        36,
        "an issue becomes a discussion",
        &["matrix::rows::an_issue_that_became_a_discussion_is_not_commented_on"],
        &["an issue that became a discussion"],
    ),
    row(
        37,
        "the token is expired, lacks single sign-on or rights",
        &[REFUSALS, "failures::rights::a_token_that_only_reads_takes_over_and_sends_the_rest_later"],
        &["GET 401", "GET 403", "POST 403"],
    ),
    row(
        38,
        "clocks are wrong, or jump",
        &["rough::together::no_clock_but_githubs_counts_and_that_one_may_jump"],
        &["clocks decades apart", "GitHub's clock jumps back"],
    ),
    row(
        39,
        "a wait that makes no sense",
        &["wire::limits::a_wait_that_makes_no_sense_is_bounded"],
        &["Before RateLimitSecondary", "Before Answer 403"],
    ),
    row(
        40,
        "a redirect to another host",
        &["wire::redirects::another_host_gets_nothing", STORMS],
        &["Before Answer 302", "Before Answer 307"],
    ),
    row(
        41,
        "an answer is cut, no JSON, compressed, huge, or a proxy's page",
        &[
            STORMS,
            "matrix::rows::answers_that_can_not_be_read_change_nothing",
            "wire::faults::an_endless_answer_is_not_read_to_its_end",
        ],
        &["After Cut 40", "Before Garbage", "answers that can not be read", "Before Answer 200"],
    ),
    row(
        42,
        "words and keys that are new to us",
        &["matrix::rows::words_that_are_new_to_us_are_left_as_they_are"],
        &["words that are new"],
    ),
    row(
        43,
        "git is in the middle of something, or on no branch",
        &[
            "worktree_safety::during_a_merge_nothing_happens",
            "worktree_safety::during_a_rebase_nothing_happens",
            "worktree_safety::during_a_cherry_pick_nothing_happens",
            "worktree_safety::during_a_revert_nothing_happens",
            "worktree_safety::during_a_bisect_nothing_happens",
            "worktree_safety::on_no_branch_nothing_happens",
        ],
        &[
            "a merge under way",
            "a rebase under way",
            "a cherry-pick under way",
            "a revert under way",
            "a bisect under way",
            "HEAD on no branch",
        ],
    ),
    row(
        44,
        "an older commit is checked out",
        &[
            "rules::rule_01_an_old_checkout_pulls_and_never_pushes",
            "attack::p01_reverting_stashing_or_resetting_the_filing_files_nothing_again",
        ],
        &["an older commit checked out"],
    ),
    row(
        45,
        "a worklog has conflict markers or can not be read",
        &[
            "rules::rule_05_a_file_with_conflict_markers_is_skipped_and_named",
            "matrix::rows::front_matter_that_can_not_be_read_in_one_way_is_not_read",
        ],
        &["exit 3", "front matter that is broken"],
    ),
    row(
        46,
        "one id twice",
        &["matrix::rows::a_copied_worklog_is_named_and_neither_is_written_to"],
        &["two worklogs and two entries of one id"],
    ),
    row(
        47,
        "a worklog is deleted, moved, ignored, or out of a sparse checkout",
        &[
            "matrix::rows::a_worklog_that_is_not_here_closes_nothing",
            "rules::rule_05_an_entry_that_is_gone_drops_its_base_and_writes_nothing",
        ],
        &["a worklog that is not here"],
    ),
    row(
        48,
        "a worklog is edited while a sync runs",
        &[
            "failures::meanwhile::an_edit_of_the_worklog_wins_and_the_next_sync_takes_it_up",
            "failures::meanwhile::a_value_edited_meanwhile_is_not_lost_and_turns_nothing_back",
        ],
        &["somebody else in between"],
    ),
    row(
        49,
        "another git holds the index",
        &[
            "failures::here::another_git_at_work_costs_only_the_commit",
            "rough::together::an_index_that_is_held_for_a_moment_is_waited_for",
        ],
        &["index.lock held", "index.lock held for a moment"],
    ),
    row(
        50,
        "a hook refuses, nobody signs, there is no identity",
        &[
            "failures::here::a_hook_that_refuses_the_commit_costs_only_the_commit",
            "failures::here::without_an_identity_only_the_commit_is_missing",
            "repository::signing::without_a_signature_there_is_no_commit",
        ],
        &["no commit: no, thanks", "no commit: not committed", "no commit: no signature"],
    ),
    row(
        51,
        "the branch moves",
        &[
            "failures::meanwhile::a_commit_made_meanwhile_stays_the_tip_and_the_next_sync_commits",
            "repository::commit::a_branch_that_moves_under_git_is_not_overwritten",
        ],
        &["somebody else in between", "the branch moved under git"],
    ),
    row(
        52,
        "a push of another branch, of a tag, of nothing, a deletion, a dry run",
        &["push::contract::the_contract_of_the_pre_push_hook"],
        &[
            "push: another branch than the one checked out",
            "push: a tag",
            "push: nothing new at all",
            "push: a branch is deleted",
            "push: only to see what it would do",
        ],
    ),
    row(
        53,
        "a push offline or behind a portal",
        &[
            "push::contract::the_contract_of_the_pre_push_hook",
            "push::contract::a_github_that_does_not_answer_holds_a_push_up_no_longer_than_the_deadline",
        ],
        &["push: behind a portal", "push: GitHub is silent", "push: nobody listens"],
    ),
    row(
        54,
        "a stranger writes our marker",
        &[
            "rules::rule_06_a_forged_marker_links_nothing",
            "rules::rule_06_a_strangers_block_is_no_block",
            "foreign::forged::a_strangers_marker_is_ignored_and_named_once",
            "foreign::forged::a_strangers_block_is_ignored_and_named_once",
        ],
        &["a forged marker", "a stranger's marker", "a stranger's block"],
    ),
    row(
        55,
        "our marker is edited or taken away",
        &["matrix::rows::a_marker_that_somebody_changed_or_took_away_makes_nothing_new"],
        &["a marker edited by hand"],
    ),
    row(
        56,
        "our marker is copied into another issue",
        &[
            "matrix::rows::of_two_issues_with_our_marker_the_lowest_is_ours",
            "foreign::forged::a_strangers_marker_is_ignored_and_named_once",
            "race::a_copied_text_is_no_race",
        ],
        &["a marker copied into another issue"],
    ),
    row(
        57,
        "the journal is torn or damaged",
        &["rough::together::a_journal_that_is_torn_or_damaged_costs_no_issue"],
        &["a journal torn or damaged"],
    ),
    row(
        58,
        "another version of gardener was here",
        &[
            "rough::together::a_journal_that_is_torn_or_damaged_costs_no_issue",
            "brakes::a_newer_format_stops_the_whole_run_and_no_word_helps",
            "brakes::a_newer_journal_stops_the_whole_run",
        ],
        &["a journal of a newer gardener", "a worklog of a newer gardener", "exit 5"],
    ),
    row(
        59,
        "told to stop, or nobody reads",
        &[
            "rough::leaving::told_to_stop_it_notes_the_outcome_of_its_request_and_ends_by_the_signal",
            "rough::leaving::told_to_stop_it_waits_for_no_answer_that_does_not_come",
            "rough::leaving::told_twice_it_stops_at_once",
            "rough::leaving::whoever_listens_a_sync_does_all_and_its_exit_code_is_true",
            "rough::leaving::a_git_that_outlives_its_gardener_is_waited_for",
        ],
        &["SIGINT", "SIGTERM", "killed by signal 2", "nobody reads", "killed by signal 9"],
    ),
    row(
        60,
        "a suite is killed, times out, floods its log, forks",
        &[
            "run::stopped::the_test_that_was_running_is_blamed",
            "run::stopped::what_a_suite_leaves_behind_is_ended_and_named",
            "run::stopped::a_flood_that_is_no_text_is_bounded_and_said",
            "run::stopped::a_signal_ends_the_suites_and_what_is_known_is_written",
            "run::stopped::a_suite_that_could_not_run_files_no_issue",
            "running::trees::a_timeout_ends_the_whole_tree",
        ],
        &[
            "a suite over its time",
            "a suite that could not run",
            "a flood of output",
            "a suite stopped by a signal",
        ],
    ),
    row(
        61,
        "one failure on fifty shards",
        &["run::collected::one_failure_on_fifty_shards_is_one_issue"],
        &["one failure on fifty shards"],
    ),
    row(
        62,
        "a failure that comes and goes",
        &[
            "run::lifecycle::passing_and_failing_at_one_commit_is_flaky_and_labelled_once",
            "run::lifecycle::clean_runs_at_later_commits_complete_and_absence_does_not",
            "run::lifecycle::completed_is_proposed_unless_it_is_to_be_set",
        ],
        &["a test that passes and fails at one commit", "a test that passes once"],
    ),
];
