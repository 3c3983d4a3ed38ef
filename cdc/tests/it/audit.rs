//! The audit says in plain words what is wrong, and how to mend it.

use cdc::private_server::{Options, PrivateServer};
use cdc::{Flavour, Server, Severity, audit};

use crate::support::TestDatabase;

#[tokio::test]
async fn our_own_server_passes() {
    let database = TestDatabase::new().await;
    let mut server = Server::connect(&database.url).await.unwrap();
    assert_eq!(audit(&mut server, &[].into()).await.unwrap(), []);
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
    let mut server = Server::connect(&private.url("")).await.unwrap();
    let findings = audit(&mut server, &[].into()).await.unwrap();
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
        .run("create table child (id int, constraint c foreign key (id) references parent (id) on delete cascade)")
        .await;
    let mut server = Server::connect(&database.url).await.unwrap();
    let findings = audit(&mut server, &[database.table("child")].into())
        .await
        .unwrap();
    assert_eq!(findings.len(), 1);
    assert!(findings[0].problem.contains("cascades"), "{}", findings[0]);
    assert_eq!(
        audit(&mut server, &[database.table("parent")].into())
            .await
            .unwrap(),
        []
    );
}

#[tokio::test]
async fn a_database_that_is_left_out_of_the_binlog_is_found() {
    let home = tempfile::tempdir().unwrap();
    let options = Options::for_tests(home.path())
        .with_argument("--binlog-ignore-db=forgotten")
        .with_argument("--log-slave-updates=OFF");
    let flavour = options.flavour();
    let private = PrivateServer::start(options).await.unwrap();
    let mut server = Server::connect(&private.url("")).await.unwrap();
    let table = |schema: &str| cdc::TableName {
        schema: schema.to_owned(),
        table: "t".to_owned(),
    };
    let tables = [table("forgotten"), table("remembered")];
    let findings = audit(&mut server, &tables.into()).await.unwrap();
    let fatal: Vec<_> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Fatal)
        .collect();
    assert_eq!(fatal.len(), 1, "{findings:?}");
    assert!(fatal[0].problem.contains("forgotten"), "{}", fatal[0]);
    // A MariaDB that has replicated nothing has nothing to leave out.
    assert_eq!(findings.len() == 2, flavour == Flavour::MySql);
}
