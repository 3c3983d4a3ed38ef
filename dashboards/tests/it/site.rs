//! What holds for every page: headers, assets, robots.

use crate::support::{Stack, get};

#[tokio::test]
async fn pages_use_nothing_but_our_own_files_and_those_are_kept() {
    let stack = Stack::with(&[]).await;
    for (site, address) in [
        (&stack.site, "/"),
        (&stack.site, "/search?q=감기"),
        (&stack.back_office, "/"),
    ] {
        let page = get(&format!("{site}{address}")).await;
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'self';") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
        assert_eq!(page.headers["cache-control"], "private, no-cache");
        page.hides(" style=")
            .hides(" onclick=")
            .hides("<style")
            .hides("<script>");
        let assets: Vec<_> = page
            .html
            .split('"')
            .filter(|part| part.starts_with("/assets/"))
            .collect();
        assert!(assets.len() >= 3, "{assets:?}");
        for asset in assets {
            let asset = get(&format!("{site}{asset}")).await;
            assert_eq!(asset.status, 200);
            assert_eq!(
                asset.headers["cache-control"],
                "public, max-age=31536000, immutable"
            );
            assert!(
                !asset.html.contains("https://"),
                "an asset names another site"
            );
        }
    }
    assert_eq!(
        stack.page("/assets/site-0000000000000000.css").await.status,
        404
    );
}

#[tokio::test]
async fn robots_and_probes_are_answered() {
    let stack = Stack::without_index().await;
    stack.page("/robots.txt").await.shows("Disallow: /search");
    stack.page("/livez").await.shows("ok");
    get(&format!("{}/robots.txt", stack.back_office))
        .await
        .shows("Disallow: /\n");
    // The office is nobody's business.
    stack
        .page("/")
        .await
        .hides("백오피스")
        .hides(&stack.back_office);
    assert_eq!(stack.page("/events").await.status, 404);
}
