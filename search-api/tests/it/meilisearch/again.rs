//! The tests of the API that say the same of both engines, once more on Meilisearch.
//!
//! Not among them, and why: what needs Tantivy's analysis or order (every word in some field with letters taken apart, whole names
//! before beginnings, which words are dropped, first consonants, jamo while typing, names spelt alike, synonyms of articles), what
//! is understood of a query, segments in `/v1/index`, and snapshots, which are compared between the engines in `api.rs` instead.

use crate::support::on_meilisearch;
use crate::{
    articles_get, errors, following, institution_get, institutions_get, institutions_open,
};

macro_rules! again {
    ($($file:ident: $($test:ident),+;)+) => {
        $($(
            #[test]
            fn $test() {
                on_meilisearch($file::$test);
            }
        )+)+
    };
}

again! {
    institutions_get:
        a_sentence_is_no_name_and_costs_no_more_for_it,
        what_was_found_is_marked,
        a_hit_shows_the_institution,
        filters_narrow_down,
        values_of_all_hits_are_counted,
        pages_neither_overlap_nor_leave_out,
        the_radius_is_exact_and_the_nearest_come_first,
        wrong_parameters_are_named;
    institution_get:
        what_is_not_there_is_not_found;
    institutions_open:
        open_at_is_right_at_every_boundary,
        hours_past_24_are_of_the_next_day,
        open_now_is_by_the_clock;
    articles_get:
        a_question_finds_what_has_any_of_its_words,
        what_was_found_is_marked_without_markup;
    following:
        an_article_that_is_renamed_is_found_by_its_new_slug_only,
        a_position_that_is_never_reached_is_not_waited_for_for_ever;
    errors:
        a_problem_has_the_shape_of_rfc_9457,
        routes_that_are_not_there,
        head_and_headers;
}
