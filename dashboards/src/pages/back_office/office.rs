//! What the back office's handlers share.

use axum::extract::FromRef;

use super::lookout::Lookout;
use crate::api::{Api, Operators};
use crate::options::Options;

/// The APIs that the back office asks.
#[derive(Clone)]
pub(crate) struct Office {
    pub(crate) lookout: Lookout,
    pub(crate) api: Api,
    /// None when the back office does not know where it is, or its token.
    pub(crate) operators: Option<Operators>,
}

impl Office {
    pub(crate) fn new(options: Options) -> Self {
        let api = Api::new(options.api);
        let operators = options.operators;
        Self {
            lookout: Lookout::new(api.clone()),
            operators: operators.map(|(address, token)| Operators::new(address, token)),
            api,
        }
    }
}

impl FromRef<Office> for Lookout {
    fn from_ref(office: &Office) -> Self {
        office.lookout.clone()
    }
}
