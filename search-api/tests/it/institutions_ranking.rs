//! The order of institutions: places, nearness, open doors and complaints, and what the score is made of.

use serde_json::json;

use crate::support::{TestApp, names, scores_add_up, sum};

const PATH: &str = "/v1/search/institutions";

/// Pharmacies and clinics of which the words say the same.
const ALIKE: &[&str] = &[
    "insert into institutions (id, registry, official_code, name, kind, sido, sigungu, eupmyeondong, latitude, longitude) values
     (1, 'sample', '1', '먼약국', 'pharmacy', '서울특별시', '강남구', '세곡동', 37.4666, 127.1049),
     (2, 'sample', '2', '옆약국', 'pharmacy', '서울특별시', '종로구', '연건동', 37.5797, 126.9990),
     (3, 'sample', '3', '밤약국', 'pharmacy', '서울특별시', '종로구', '연건동', null, null),
     (4, 'sample', '4', '강남정형외과의원', 'clinic', '부산광역시', '중구', '남포동', 35.1062, 129.0324),
     (5, 'sample', '5', '튼튼정형외과의원', 'clinic', '서울특별시', '강남구', '역삼동', 37.5000, 127.0360),
     (6, 'sample', '6', '큰사랑병원', 'general_hospital', '부산광역시', '중구', '남포동', 35.1062, 129.0324)",
    "update institutions set has_emergency_room = true where id = 6",
    "insert into institution_departments (institution_id, department_id) values (4, 8), (5, 8), (6, 24), (6, 1)",
    "insert into opening_hours (institution_id, day, opens_minute, closes_minute) values (3, 1, 540, 1080)",
];

async fn found(app: &TestApp, query: &[(&str, &str)]) -> Vec<String> {
    names(&app.get(PATH, query).await)
}

#[tokio::test]
async fn what_says_the_same_goes_by_nearness_and_open_doors() {
    let app = TestApp::empty().await;
    app.execute_and_wait(ALIKE).await;
    // Monday at ten.
    assert_eq!(
        found(&app, &[("q", "약국")]).await,
        ["밤약국", "먼약국", "옆약국"]
    );
    let beside = [("q", "약국"), ("lat", "37.58"), ("lng", "126.999")];
    assert_eq!(found(&app, &beside).await, ["옆약국", "밤약국", "먼약국"]);
    // A name stands above nearness.
    let named = [("q", "먼약국"), ("lat", "37.58"), ("lng", "126.999")];
    assert_eq!(found(&app, &named).await[0], "먼약국");
}

#[tokio::test]
async fn a_place_in_the_query_is_where_it_is_to_be() {
    let app = TestApp::empty().await;
    app.execute_and_wait(ALIKE).await;
    assert_eq!(
        found(&app, &[("q", "강남 정형외과")]).await,
        ["튼튼정형외과의원", "강남정형외과의원"]
    );
    // Unless it is the whole of a name.
    assert_eq!(
        found(&app, &[("q", "강남정형외과의원")]).await[0],
        "강남정형외과의원"
    );
    let near = [("q", "서울대병원 근처 약국")];
    assert_eq!(found(&app, &near).await[0], "옆약국");
    let reply = app.get(PATH, &near).await;
    assert_eq!(reply["understood"]["places"][0]["kind"], "landmark");
}

#[tokio::test]
async fn a_complaint_leads_to_its_departments_and_an_emergency_to_119() {
    let app = TestApp::empty().await;
    app.execute_and_wait(ALIKE).await;
    let reply = app.get(PATH, &[("q", "무릎이 시큰거려요")]).await;
    let understood = &reply["understood"];
    assert_eq!(understood["departments"][0]["name"], "정형외과");
    assert_eq!(understood["complaint"]["urgency"], "usual");
    assert!(names(&reply)[0].contains("정형외과"), "{reply}");
    let reply = app.get(PATH, &[("q", "부산 가슴이 조여요")]).await;
    let complaint = &reply["understood"]["complaint"];
    assert_eq!(complaint["urgency"], "emergency");
    assert!(complaint["note"].as_str().unwrap().contains("119"));
    assert_eq!(names(&reply)[0], "큰사랑병원");
}

#[tokio::test]
async fn the_parts_of_a_score_add_up_to_it() {
    let app = TestApp::empty().await;
    app.execute_and_wait(ALIKE).await;
    for query in [
        "강남 정형외과",
        "옆약국",
        "ㅁㅇㄱ",
        "튼튼졍형외과의원",
        "약국 은하수정거장",
    ] {
        let query = [
            ("q", query),
            ("explain", "true"),
            ("lat", "37.5"),
            ("lng", "127"),
        ];
        let reply = app.get(PATH, &query).await;
        assert!(reply["total"].as_u64() > Some(0), "{reply}");
        scores_add_up(&reply);
    }
    let reply = app
        .get(PATH, &[("q", "강남 정형외과"), ("explain", "true")])
        .await;
    let words = &reply["hits"][0]["explanation"][0];
    assert_eq!(words["part"], "words");
    let concepts = words["concepts"].as_array().unwrap().iter();
    let concepts: Vec<_> = concepts.map(|concept| concept["terms"].clone()).collect();
    assert_eq!(concepts, [json!("강남"), json!("정형"), json!("외과")]);
    assert!((sum(&words["concepts"]) - words["score"].as_f64().unwrap()).abs() < 0.01);
    let plain = app.get(PATH, &[("q", "강남 정형외과")]).await;
    assert_eq!(plain["hits"][0].get("explanation"), None);
}
