//! The sample data.

use std::ops::RangeInclusive;

use core_services::import::progress::Silent;
use core_services::sample;

use crate::support::{TestDatabase, checked};

#[tokio::test]
async fn a_second_load_changes_nothing_and_fewer_rows_are_the_beginning_of_more() {
    let database = TestDatabase::new().await;
    let first = checked(
        sample::load(&database.pool, 7, 1_000, &mut Silent)
            .await
            .unwrap(),
    );
    assert_eq!((first.read, first.rejected), (first.inserted, 0));
    let before = database.binlog_position().await;
    let second = checked(
        sample::load(&database.pool, 7, 600, &mut Silent)
            .await
            .unwrap(),
    );
    assert_eq!(second.read, second.unchanged);
    assert_eq!(database.row_events_since(before).await, 0);
    let other = checked(
        sample::load(&database.pool, 8, 600, &mut Silent)
            .await
            .unwrap(),
    );
    assert!(
        other.changed > 590,
        "another seed gives other rows: {other}"
    );
}

/// What is counted, how, and what must come out.
const COUNTRY: [(&str, &str, RangeInclusive<i64>); 19] = [
    (
        "provinces",
        "select count(distinct sido) from institutions",
        17..=17,
    ),
    (
        "districts",
        "select count(distinct sido, sigungu) from institutions",
        200..=300,
    ),
    (
        "kinds",
        "select count(distinct kind) from institutions",
        10..=17,
    ),
    (
        "pharmacies",
        "select count(*) from institutions where kind = 'pharmacy'",
        800..=1_000,
    ),
    (
        "clinics",
        "select count(*) from institutions where kind = 'clinic'",
        1_050..=1_230,
    ),
    (
        "names twice in a district",
        "select count(*) - count(distinct sido, sigungu, name) from institutions",
        0..=0,
    ),
    (
        "without a place",
        "select count(*) from institutions where latitude is null or eupmyeondong is null or address is null",
        0..=0,
    ),
    (
        "without hours",
        "select count(*) from institutions where id not in (select institution_id from opening_hours)",
        0..=0,
    ),
    (
        "without introduction",
        "select count(*) from institutions where description is null or description like '%{%'",
        0..=0,
    ),
    (
        "not marked as sample",
        "select count(*) from institutions where registry <> 'sample' or official_code not like 'SAMPLE-%'",
        0..=0,
    ),
    (
        "real telephone numbers",
        "select count(*) from institutions where phone not like '%-0000-%'",
        0..=0,
    ),
    (
        "past midnight",
        "select count(distinct institution_id) from opening_hours where closes_minute > 1440",
        10..=100,
    ),
    (
        "around the clock",
        "select count(*) from opening_hours where day = 8 and closes_minute - opens_minute = 1440",
        5..=60,
    ),
    (
        "lunch breaks",
        "select count(distinct institution_id) from opening_hours where day = 1 and closes_minute between 720 and 780",
        1_000..=2_500,
    ),
    (
        "open on Sundays",
        "select count(*) from opening_hours where day = 7",
        100..=500,
    ),
    (
        "clinics without their department",
        "select count(*) from institutions where kind = 'clinic' and not exists (\
          select 1 from institution_departments join departments on departments.id = department_id \
          where institution_id = institutions.id and institutions.name like concat('%', departments.name, '의원%'))",
        0..=0,
    ),
    (
        "somewhere to park",
        "select count(*) from institutions where parking_spaces > 0",
        1_000..=1_500,
    ),
    (
        "parking without a space that costs or does not",
        "select count(*) from institutions where parking_is_free is not null and coalesce(parking_spaces, 0) = 0",
        0..=0,
    ),
    (
        "more specialists than doctors",
        "select count(*) from institutions where specialist_count > doctor_count",
        0..=0,
    ),
];

#[tokio::test]
async fn three_thousand_institutions_look_like_the_country() {
    let database = TestDatabase::new().await;
    let done = sample::load(&database.pool, 1, sample::INSTITUTIONS_DEFAULT, &mut Silent)
        .await
        .unwrap();
    let articles = database.count("select count(*) from articles").await;
    assert_eq!(checked(done).inserted as i64, 3_000 + articles);
    assert!(articles > 0);
    for (what, sql, range) in COUNTRY {
        let count = database.count(sql).await;
        assert!(range.contains(&count), "{what}: {count}");
    }
}
