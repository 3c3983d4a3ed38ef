//! What an account needs: `replication slave`, and `select` on its database; and what is said when one of them is missing.

use cdc::{ChangeStream, Error, Flavour, Options, Policy, Position, Server, Value};

use crate::support::{TestDatabase, changes_until};

/// A test's database with a table, and an account with these privileges of its own.
async fn database_and_account(user: &str, grants: &[&str]) -> (TestDatabase, String) {
    let mut database = TestDatabase::new().await;
    database
        .run("create table t (id int primary key, v varchar(20))")
        .await;
    let account = format!("{user}_{}", std::process::id());
    database
        .run(&format!("drop user if exists {account}"))
        .await;
    database
        .run(&format!("create user {account} identified by 'pass word'"))
        .await;
    let flavour = Server::connect(&database.url).await.unwrap().flavour();
    if flavour == Flavour::MariaDb {
        // The private server's account may do everything but grant.
        let procedure = "create definer = root@localhost procedure as_root(statement text) \
            sql security definer execute immediate statement";
        database.run(procedure).await;
    }
    for grant in grants {
        let grant = grant.replace("{database}", &database.name);
        let statement = match flavour {
            Flavour::MariaDb => format!("call as_root('grant {grant} to {account}')"),
            Flavour::MySql => format!("grant {grant} to {account}"),
        };
        database.run(&statement).await;
    }
    let (_, address) = database.url.rsplit_once('@').unwrap();
    let url = format!("mysql://{account}:pass%20word@{address}");
    (database, url)
}

async fn open(
    database: &TestDatabase,
    url: &str,
    position: Position,
) -> Result<ChangeStream, Error> {
    let options = Options::new(url.to_owned(), [database.table("t")]);
    ChangeStream::open(options, position).await
}

#[tokio::test]
async fn replication_slave_and_select_on_the_database_are_all_that_following_needs() {
    let grants = ["replication slave on *.*", "select on {database}.*"];
    let (mut database, url) = database_and_account("follows", &grants).await;
    let mut server = Server::connect(&url).await.unwrap();
    assert_eq!(server.database().await.unwrap(), database.name);
    assert_eq!(server.tables(&database.name).await.unwrap(), ["t"]);
    assert!(!server.identity().await.unwrap().is_empty());
    let position = server.position().await.unwrap();
    assert!(!position.gtids.is_empty());
    let mut stream = open(&database, &url, position).await.unwrap();
    database.run("insert into t values (1, '하나')").await;
    let end = database.position().await;
    let changes = changes_until(&mut stream, &end).await;
    let values: Vec<_> = changes[0].values_of("v").collect();
    assert_eq!(values, [&Value::Text("하나".into())]);
}

#[tokio::test]
async fn without_replication_slave_the_binlog_is_refused() {
    let (database, url) = database_and_account("reads", &["select on {database}.*"]).await;
    let position = Server::connect(&url)
        .await
        .unwrap()
        .position()
        .await
        .unwrap();
    let error = open(&database, &url, position).await.err().unwrap();
    assert!(matches!(error, Error::NotAllowed { .. }), "{error}");
    assert!(error.to_string().contains("Access denied"), "{error}");
    let Policy::Stop(advice) = error.policy() else {
        panic!("{error}");
    };
    assert!(advice.contains("grant replication slave"), "{advice}");
}

#[tokio::test]
async fn without_select_on_the_database_the_server_does_not_let_the_account_in() {
    let (database, url) = database_and_account("replicates", &["replication slave on *.*"]).await;
    let error = Server::connect(&url).await.err().unwrap();
    assert!(matches!(error, Error::Login { .. }), "{error}");
    assert!(error.to_string().contains(&database.name), "{error}");
    assert!(matches!(error.policy(), Policy::Stop(_)));
}
