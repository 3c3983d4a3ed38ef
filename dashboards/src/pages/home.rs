//! `GET /`: the first page. It stands without the search API, too.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use tracing::warn;

use crate::api::Api;
use crate::choices::Choices;
use crate::frame::{Frame, show as reply};
use crate::pages::cards::ArticleCard;

/// Articles on the first page.
const ARTICLES_MAX: &str = "6";

/// What people most often look for in a hurry.
const NEEDS: [Need; 4] = [
    Need {
        icon: "clock",
        title: "지금 열린 병원",
        text: "이 시간에 진료하는 곳",
        filters: &[
            ("open_now", "true"),
            ("kind", "clinic"),
            ("kind", "hospital"),
            ("kind", "general_hospital"),
        ],
    },
    Need {
        icon: "pill",
        title: "지금 열린 약국",
        text: "밤과 휴일에도",
        filters: &[("open_now", "true"), ("kind", "pharmacy")],
    },
    Need {
        icon: "moon",
        title: "야간 진료",
        text: "밤 9시 넘어서도",
        filters: &[("night", "true")],
    },
    Need {
        icon: "siren",
        title: "응급실",
        text: "24시간 응급 진료",
        filters: &[("emergency", "true")],
    },
];

/// The departments that most people look for.
const DEPARTMENTS: [&str; 12] = [
    "내과",
    "소아청소년과",
    "이비인후과",
    "정형외과",
    "피부과",
    "치과",
    "안과",
    "산부인과",
    "정신건강의학과",
    "신경과",
    "비뇨의학과",
    "가정의학과",
];

/// Searches as people put them.
const EXAMPLES: [&str; 6] = [
    "머리가 아파요",
    "아이 열",
    "허리 통증",
    "예방접종",
    "대상포진",
    "위내시경",
];

/// Something to look for, with the filters that find it.
struct Need {
    icon: &'static str,
    title: &'static str,
    text: &'static str,
    filters: &'static [(&'static str, &'static str)],
}

impl Need {
    fn address(&self) -> String {
        let with = |choices: Choices, (key, value): &(&'static str, &str)| choices.with(key, value);
        self.filters.iter().fold(Choices::default(), with).address()
    }
}

/// A name with the search that it stands for.
struct Link {
    text: &'static str,
    address: String,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
    needs: [Need; 4],
    departments: Vec<Link>,
    examples: Vec<Link>,
    articles: Vec<ArticleCard>,
    all_articles: String,
}

pub(crate) async fn show(State(api): State<Api>) -> Response {
    let (frame, articles) = match api.articles(&[("per_page", ARTICLES_MAX)]).await {
        Ok(found) => (Frame::fresh(&found.index), found.hits),
        Err(error) => {
            warn!(%error, "the first page is shown without articles");
            (Frame::default(), Vec::new())
        }
    };
    let link = |key, text| Link {
        text,
        address: Choices::default().with(key, text).address(),
    };
    reply(&HomePage {
        frame,
        needs: NEEDS,
        departments: DEPARTMENTS
            .into_iter()
            .map(|name| link("department", name))
            .collect(),
        examples: EXAMPLES.into_iter().map(|words| link("q", words)).collect(),
        articles: articles.into_iter().map(ArticleCard::new).collect(),
        all_articles: Choices::default().in_tab("articles").address(),
    })
}
