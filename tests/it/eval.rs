//! The project's own judged queries, asked of the sample data: searches may get better, not worse.

use std::fs;

use crate::support::Installation;

#[test]
fn judged_queries_are_answered_at_least_as_well_as_before_and_a_floor_that_is_not_reached_is_told()
{
    let installation = Installation::new();
    let _running = installation.start(&["--with-sample"]);
    let url = installation.api("");
    let floors = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/eval/floors.tsv");
    let measured = installation.expect(&["eval", "judged", "--url", &url, "--floors", floors]);
    println!("{measured}");
    assert!(measured.contains("place_department"), "{measured}");

    let (queries, floors) = ("queries.tsv", "floors.tsv");
    let file = |name| installation.home().join(name);
    let query = "kind\tquery\tjudged\nmade_up\t약국\tarticle:none=2\n";
    fs::write(file(queries), query).unwrap();
    fs::write(file(floors), "made_up\thit@1\t0.5\n").unwrap();
    let arguments = ["eval", "judged", queries, "--url", &url, "--floors", floors];
    let output = installation.run(&arguments);
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8_lossy(&output.stdout);
    let told = "made_up: hit@1 is 0.0000, below 0.5";
    assert!(printed.contains(told), "{printed}");
}
