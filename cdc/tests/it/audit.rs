//! The audit says in plain words what is wrong, and how to mend it.

use cdc::private_server::{Options, PrivateServer};
use cdc::{Finding, Flavour, Server, Severity, TableName, audit};

use crate::support::TestDatabase;

/// All but what every test's server has, since it saves time.
async fn findings(url: &str, tables: &[TableName]) -> Vec<Finding> {
    let mut server = Server::connect(url).await.unwrap();
    let tables = tables.iter().cloned().collect();
    let mut findings = audit(&mut server, &tables).await.unwrap();
    let all = findings.len();
    findings.retain(|finding| finding.remedy != "set global sync_binlog = 1");
    assert_eq!(findings.len() + 1, all);
    findings
}

#[tokio::test]
async fn our_own_server_passes_but_that_tests_do_not_wait_for_the_disk() {
    let database = TestDatabase::new().await;
    assert_eq!(findings(&database.url, &[]).await, []);
}

#[tokio::test]
async fn a_table_without_a_primary_key_is_a_warning() {
    let mut database = TestDatabase::new().await;
    database.run("create table t (id int)").await;
    let found = findings(&database.url, &[database.table("t")]).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].severity, Severity::Warning);
    assert_eq!(found[0].remedy, "add a primary key to the table");
}

#[tokio::test]
async fn every_wrong_setting_is_found_with_its_remedy() {
    let home = tempfile::tempdir().unwrap();
    let options = Options::for_tests(home.path())
        .with_argument("--binlog-format=MIXED")
        .with_argument("--binlog-row-image=MINIMAL")
        .with_argument("--binlog-row-metadata=MINIMAL");
    let (options, remedies_of_its_own) = match options.flavour() {
        Flavour::MariaDb => (
            options
                .with_argument("--log-bin-compress=ON")
                .with_argument("--expire-logs-days=1"),
            &["set global expire_logs_days = 7"][..],
        ),
        Flavour::MySql => (
            options.with_argument("--binlog-expire-logs-seconds=86400"),
            &["set global binlog_expire_logs_seconds = 604800"][..],
        ),
    };
    let private = PrivateServer::start(options).await.unwrap();
    let findings = findings(&private.url(""), &[]).await;
    let remedies: Vec<_> = findings
        .iter()
        .map(|finding| finding.remedy.as_str())
        .collect();
    let remedies_of_both = [
        "set global binlog_format = ROW; then let all sessions reconnect",
        "set global binlog_row_image = FULL",
        "set global binlog_row_metadata = FULL",
    ];
    assert_eq!(
        remedies,
        [&remedies_of_both[..], remedies_of_its_own].concat()
    );
    // The format and the image; what comes late, or is kept too short, only surprises.
    assert_eq!(
        findings
            .iter()
            .filter(|finding| finding.severity == Severity::Fatal)
            .count(),
        2
    );
}

#[tokio::test]
async fn a_cascade_into_a_followed_table_is_a_warning() {
    let mut database = TestDatabase::new().await;
    database
        .run("create table parent (id int primary key)")
        .await;
    database
        .run("create table child (id int primary key, constraint c foreign key (id) references parent (id) on delete cascade)")
        .await;
    let of_child = findings(&database.url, &[database.table("child")]).await;
    assert_eq!(of_child.len(), 1);
    assert!(of_child[0].problem.contains("cascades"), "{}", of_child[0]);
    let of_parent = findings(&database.url, &[database.table("parent")]).await;
    assert_eq!(of_parent, []);
}

#[tokio::test]
async fn a_database_that_is_left_out_of_the_binlog_is_found() {
    let home = tempfile::tempdir().unwrap();
    let options = Options::for_tests(home.path())
        .with_argument("--binlog-ignore-db=forgotten")
        .with_argument("--log-slave-updates=OFF");
    let flavour = options.flavour();
    let private = PrivateServer::start(options).await.unwrap();
    let table = |schema: &str| TableName {
        schema: schema.to_owned(),
        table: "t".to_owned(),
    };
    let tables = [table("forgotten"), table("remembered")];
    let findings = findings(&private.url(""), &tables).await;
    let fatal: Vec<_> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Fatal)
        .collect();
    assert_eq!(fatal.len(), 1, "{findings:?}");
    assert!(fatal[0].problem.contains("forgotten"), "{}", fatal[0]);
    // A MariaDB that has replicated nothing has nothing to leave out.
    assert_eq!(findings.len() == 2, flavour == Flavour::MySql);
}
