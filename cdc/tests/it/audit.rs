//! The audit says in plain words what is wrong, and how to mend it.

use cdc::private_server::{Options, PrivateServer};
use cdc::{Server, Severity, audit};

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
        .with_argument("--binlog-row-metadata=NO_LOG")
        .with_argument("--log-bin-compress=ON")
        .with_argument("--expire-logs-days=1");
    let private = PrivateServer::start(options).await.unwrap();
    let mut server = Server::connect(&private.url("")).await.unwrap();
    let findings = audit(&mut server, &[].into()).await.unwrap();
    let remedies: Vec<_> = findings
        .iter()
        .map(|finding| finding.remedy.as_str())
        .collect();
    assert_eq!(
        remedies,
        [
            "set global binlog_format = ROW; then let all sessions reconnect",
            "set global binlog_row_image = FULL",
            "set global binlog_row_metadata = FULL",
            "set global log_bin_compress = OFF",
            "set global expire_logs_days = 7",
        ]
    );
    assert_eq!(
        findings
            .iter()
            .filter(|finding| finding.severity == Severity::Fatal)
            .count(),
        4
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
