//! What is known of GitHub's unkindness, fact by fact, and the test that shows the stand-in has
//! it. A mock that is nicer than GitHub proves nothing, so a fact without a test is an error here.

/// Area, fact, and the tests that show it: `file::test`.
const FACTS: &[(&str, &str, &[&str])] = &[
    // Limits.
    (
        "limits",
        "5,000 requests an hour belong to a user, whichever token they use",
        &["access::the_primary_limit_belongs_to_the_user_and_resets"],
    ),
    ("limits", "60 an hour without a token", &["limits::without_a_token_there_are_sixty_and_304_counts"]),
    (
        "limits",
        "a workflow's 1,000 an hour belong to its repository",
        &["limits::a_workflows_limit_belongs_to_its_repository"],
    ),
    (
        "limits",
        "five headers announce the primary limit",
        &["limits::the_primary_limit_is_announced_in_five_headers"],
    ),
    (
        "limits",
        "used up is 403 or 429 with nothing remaining",
        &["access::the_primary_limit_belongs_to_the_user_and_resets", "wire::limits_as_faults"],
    ),
    (
        "limits",
        "GraphQL: 5,000 points an hour, 500,000 nodes a request, 100 rows a page",
        &["queries::limits_of_nodes_and_points", "queries::connections_have_bounds_and_cursors"],
    ),
    (
        "limits",
        "GraphQL: used up is 200 with an error, by two names, and something may remain",
        &[
            "queries::limits_of_nodes_and_points",
            "limits::graphqls_limit_has_two_names_and_may_leave_something",
        ],
    ),
    ("limits", "so many requests at one time", &["wire::too_many_at_one_time"]),
    (
        "limits",
        "points a minute for each endpoint, a write costs five reads",
        &["limits::points_a_minute_are_counted_for_each_endpoint"],
    ),
    (
        "limits",
        "points a minute for GraphQL, refused with 200 or 403",
        &["limits::points_a_minute_of_graphql_have_two_forms"],
    ),
    (
        "limits",
        "content by the minute and the hour; what is done on the web counts",
        &[
            "limits::content_is_counted_by_the_minute_and_the_hour_and_the_web_counts",
            "access::the_secondary_limit_comes_unannounced",
        ],
    ),
    (
        "limits",
        "content over GraphQL is refused with 200 or 403, half done",
        &["limits::content_over_graphql_is_refused_with_200_or_403", "mutations::writes_that_are_refused"],
    ),
    (
        "limits",
        "retry-after is there, or not, or blank",
        &["limits::a_secondary_limit_says_when_or_not_or_nothing", "wire::limits_as_faults"],
    ),
    ("limits", "what runs out of time costs more", &["limits::what_runs_out_of_time_costs_more"]),
    ("limits", "an Enterprise Server may have none", &["limits::an_enterprise_server_may_have_no_limits"]),
    ("limits", "a 403 has many meanings", &["limits::a_403_has_many_meanings"]),
    // Errors after success.
    ("after success", "an error, and it happened", &["wire::an_error_after_success"]),
    (
        "after success",
        "no answer, and it happened",
        &["wire::a_lost_answer_is_not_a_lost_request", "wire::a_request_goes_on_without_its_client"],
    ),
    (
        "after success",
        "a broken answer, or somebody else's",
        &["wire::answers_that_are_cut_or_from_somebody_else"],
    ),
    (
        "after success",
        "mutations are down and all else is not",
        &[
            "mutations::graphql_may_be_off_and_mutations_may_be_down",
            "wire::mutations_are_down_and_rest_is_not",
        ],
    ),
    ("after success", "a list that fails is no empty list", &["wire::a_list_that_fails_is_no_empty_list"]),
    (
        "after success",
        "created, and reading it back is refused",
        &["wire::created_and_then_limited_before_it_can_be_read_back"],
    ),
    (
        "after success",
        "GraphQL answers in part: what is missing",
        &[
            "queries::one_missing_issue_is_null_among_the_others",
            "queries::nodes_are_found_by_id_and_nothing_else",
        ],
    ),
    (
        "after success",
        "GraphQL answers in part: what was too much",
        &["limits::a_query_that_uses_too_much_is_answered_in_part"],
    ),
    (
        "after success",
        "aliased mutations run in order and half succeed",
        &[
            "mutations::mutations_run_in_order_and_half_succeed",
            "mutations::mutations_may_run_out_of_time_halfway",
        ],
    ),
    // Consistency.
    ("late", "search is late", &["lists::search_is_later_still"]),
    (
        "late",
        "lists lack a new issue, and show an edited one as it was",
        &["lists::lists_are_late_and_single_issues_are_not", "queries::lists_are_late_here_too"],
    ),
    ("late", "lists lack a new comment", &["lists::a_new_comment_is_missing_from_lists_for_a_while"]),
    (
        "late",
        "what was missed once is missed for good by those who go on from there",
        &["lists::what_a_late_list_missed_a_later_since_does_not_find"],
    ),
    // Since, clocks, pages.
    (
        "pages",
        "since is a time, in whole seconds, of GitHub's clock",
        &["lists::lists_hold_pull_requests_and_since_is_a_time", "access::every_answer_carries_githubs_time"],
    ),
    ("pages", "since may or may not hold its own second", &["lists::since_may_leave_out_its_own_second"]),
    (
        "pages",
        "a label renamed or deleted moves no issue",
        &["lists::a_label_renamed_or_deleted_moves_no_issue"],
    ),
    (
        "pages",
        "an edit of a comment moves no issue, a change without effect neither",
        &[
            "lists::comments_come_oldest_first_and_edits_do_not_move_the_issue",
            "issues::an_update_without_effect_does_not_move_the_time",
        ],
    ),
    ("pages", "rows shift between pages", &["lists::rows_shift_between_pages_sorted_by_update"]),
    (
        "pages",
        "page numbers end, cursors do not; 30 rows unless asked, 100 at most",
        &["lists::page_numbers_end_and_cursors_do_not"],
    ),
    (
        "pages",
        "links lead on, by the repository's number",
        &["lists::links_name_the_repository_by_number_and_carry_a_cursor"],
    ),
    (
        "pages",
        "comments come oldest first",
        &["lists::comments_come_oldest_first_and_edits_do_not_move_the_issue"],
    ),
    // Conditional requests.
    (
        "conditional",
        "an ETag belongs to a token; 304 is free with one, and only then",
        &[
            "lists::etags_belong_to_a_token_and_to_content",
            "limits::without_a_token_there_are_sixty_and_304_counts",
        ],
    ),
    ("conditional", "there is no conditional write", &["lists::there_is_no_conditional_write"]),
    // Identity.
    (
        "identity",
        "pull requests share the numbers and the lists",
        &["moves::a_number_may_be_a_pull_request", "lists::lists_hold_pull_requests_and_since_is_a_time"],
    ),
    (
        "identity",
        "transferred: 301, or 404 without access; what is below it is 404",
        &["moves::a_transferred_issue_redirects_and_its_comments_do_not", "queries::transferred_and_renamed"],
    ),
    (
        "identity",
        "deleted: 410, or 404 without access",
        &[
            "moves::gone_and_switched_off_are_the_same_status",
            "moves::what_was_deleted_is_not_found_by_those_who_may_not_look",
        ],
    ),
    ("identity", "issues switched off: the same 410", &["moves::gone_and_switched_off_are_the_same_status"]),
    (
        "identity",
        "turned into a discussion: locked, and only GraphQL knows why",
        &["moves::locked_archived_and_turned_into_a_discussion", "queries::the_timeline_tells_what_happened"],
    ),
    (
        "identity",
        "locked: a comment is 403",
        &["moves::locked_archived_and_turned_into_a_discussion", "mutations::writes_that_are_refused"],
    ),
    (
        "identity",
        "archived: 403",
        &["moves::locked_archived_and_turned_into_a_discussion", "mutations::writes_that_are_refused"],
    ),
    (
        "identity",
        "renamed: 301 for reads, 307 for writes",
        &["moves::a_renamed_repository_redirects_reads_by_301_and_writes_by_307"],
    ),
    ("identity", "no access is 404", &["access::what_is_missing_and_what_is_hidden_look_the_same"]),
    ("identity", "a number alone is no identity", &["moves::an_issue_that_moved_is_another_issue"]),
    // Fields.
    (
        "fields",
        "titles of 256 characters, label names of 50, in two words of refusal",
        &["issues::limits_of_titles_labels_and_bodies"],
    ),
    (
        "fields",
        "descriptions of labels of 100 characters",
        &["labels::a_description_has_a_hundred_characters"],
    ),
    (
        "fields",
        "bodies of 262,144 bytes; an over-long PATCH is answered with 200 and the old body",
        &["issues::limits_of_titles_labels_and_bodies"],
    ),
    (
        "fields",
        "labels: one spelling, made when missing",
        &["labels::labels_keep_their_first_spelling_and_are_unique_without_case"],
    ),
    (
        "fields",
        "labels: dropped without a word, on create and on PATCH",
        &["labels::without_push_labels_vanish_from_a_new_issue"],
    ),
    (
        "fields",
        "labels: a missing one refuses the whole create",
        &["labels::without_push_a_missing_label_refuses_the_whole_create"],
    ),
    (
        "fields",
        "labels: a set replaces, a delta does not; a slash is %2F",
        &["labels::the_full_set_replaces_and_deltas_do_not", "mutations::labels_by_delta"],
    ),
    (
        "fields",
        "labels: GraphQL takes ids, and a wrong one is an error",
        &["mutations::mutations_run_in_order_and_half_succeed"],
    ),
    (
        "fields",
        "state_reason is ignored unless the state changes",
        &["issues::a_reason_counts_only_when_the_state_changes"],
    ),
    (
        "fields",
        "a duplicate names its other by id, and hides in GraphQL",
        &[
            "issues::a_duplicate_names_another_issue_by_its_id",
            "queries::a_duplicate_hides_unless_it_is_asked_for",
        ],
    ),
    (
        "fields",
        "what is only suggested is answered with 200",
        &["issues::what_is_only_suggested_is_answered_with_200_and_not_done"],
    ),
    ("fields", "text from the web has CRLF", &["issues::text_from_the_web_ends_its_lines_with_crlf"]),
    // Rights.
    (
        "rights",
        "the author, and those with triage, edit",
        &["access::only_the_author_and_those_with_triage_edit"],
    ),
    ("rights", "triage puts labels on and makes none", &["labels::triage_puts_labels_on_but_makes_none"]),
    (
        "rights",
        "a repository says what the asker may do",
        &["access::a_repository_says_what_the_asker_may_do"],
    ),
    ("rights", "a token that may not says what it would need", &["access::a_token_for_reading_cannot_write"]),
    ("rights", "a workflow of a fork only reads", &["access::a_workflow_of_a_fork_only_reads"]),
    ("rights", "a workflow's token belongs to no user", &["access::a_workflows_token_belongs_to_no_user"]),
    (
        "rights",
        "a token for other repositories is a stranger's",
        &["access::a_token_for_other_repositories_is_a_strangers"],
    ),
    (
        "rights",
        "bad, expired, or without single sign-on",
        &[
            "access::tokens_that_are_bad_expired_or_without_sso",
            "access::single_sign_on_protects_what_belongs_to_the_organization",
        ],
    ),
    (
        "rights",
        "scopes are told of classic tokens alone, and when a token ends",
        &["access::a_classic_token_says_what_it_may_and_a_fine_grained_one_does_not"],
    ),
    ("rights", "whether a branch is protected", &["access::a_branch_says_whether_it_is_protected"]),
    // Enterprise.
    ("enterprise", "the API is elsewhere", &["access::an_enterprise_server_has_the_api_elsewhere"]),
    ("enterprise", "there may be no GraphQL", &["mutations::graphql_may_be_off_and_mutations_may_be_down"]),
];

/// Facts that no test shows because the stand-in has nothing they could be about.
const LEFT_OUT: &[(&str, &str)] = &[
    ("processor time", "refused like any secondary limit, which `How::RateLimitSecondary` gives"),
    ("a ban for those who go on while limited", "that gardener stops is tested on its side"),
    ("the events API", "not there; gardener does not use it"),
    ("Last-Modified", "not sent; gardener goes by ETag"),
    ("mentions and references in texts", "they notify people, and no answer shows it"),
    ("a state_reason nobody knows yet", "gardener's own tests put one into an answer"),
    ("workflows that a token starts or does not", "there are no workflows"),
];

#[test]
fn every_fact_has_a_test() {
    let files = [
        ("access", include_str!("access.rs")),
        ("issues", include_str!("issues.rs")),
        ("labels", include_str!("labels.rs")),
        ("limits", include_str!("limits.rs")),
        ("lists", include_str!("lists.rs")),
        ("moves", include_str!("moves.rs")),
        ("mutations", include_str!("mutations.rs")),
        ("queries", include_str!("queries.rs")),
        ("wire", include_str!("wire.rs")),
    ];
    let there: Vec<String> = files
        .iter()
        .flat_map(|(file, text)| {
            let tests = text.split("#[test]\n").skip(1);
            tests.filter_map(move |rest| {
                let name = rest.strip_prefix("fn ")?.split('(').next()?;
                Some(format!("{file}::{name}"))
            })
        })
        .collect();
    for (area, fact, tests) in FACTS {
        assert!(!tests.is_empty(), "{area}: {fact}");
        for test in *tests {
            assert!(there.iter().any(|name| name == test), "{area}: {fact}: no {test}");
        }
    }
    let reasons = LEFT_OUT.iter().all(|(fact, reason)| !fact.is_empty() && !reason.is_empty());
    assert!(reasons && there.len() > 80, "{}", there.len());
    println!("{} facts, {} left out, {} tests", FACTS.len(), LEFT_OUT.len(), there.len());
}
