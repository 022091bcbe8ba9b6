//! What a request is called, in words of which there are not more than routes and methods: a client adds none.

use std::borrow::Cow;
use std::fmt;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use socai_grpc::Call;

/// What a request is called.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) method: &'static str,
    pub(super) route: Route,
}

/// Where it was asked.
#[derive(Debug, Clone)]
pub(super) enum Route {
    /// At a route, as the document writes it.
    Http(Cow<'static, str>),
    /// A method of gRPC.
    Grpc(Call),
}

/// What every address is called at which nothing is.
const NOWHERE: &str = "unmatched";

impl Asked {
    pub(super) fn of(request: &Request) -> Self {
        let matched = request.extensions().get::<MatchedPath>();
        let http = || match matched {
            Some(route) => Cow::from(route.as_str().to_owned()),
            None => Cow::from(NOWHERE),
        };
        let call = Call::at(request.uri().path());
        Self {
            method: known(request.method()),
            route: call.map_or_else(|| Route::Http(http()), Route::Grpc),
        }
    }
}

/// A method of HTTP, or that it is none.
fn known(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let mut known = known.into_iter();
    known
        .find(|name| method.as_str() == *name)
        .unwrap_or("other")
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.route {
            Route::Http(route) => write!(f, "{} {route}", self.method),
            Route::Grpc(call) => write!(f, "{}/{}", call.service, call.method),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn called(method: &str, path: &str) -> String {
        let request = Request::builder().method(method).uri(path);
        Asked::of(&request.body(Body::empty()).unwrap()).to_string()
    }

    #[test]
    fn no_client_adds_a_word() {
        assert_eq!(called("GET", "/nothing/here"), "GET unmatched");
        assert_eq!(called("FORGED", "/nothing"), "other unmatched");
        let known = "socai.v1.Questions/Rates";
        assert_eq!(called("POST", "/socai.v1.Questions/Rates"), known);
        let unknown = "socai.v1.Questions/other";
        assert_eq!(called("POST", "/socai.v1.Questions/Forged"), unknown);
        assert_eq!(called("POST", "/socai.v1.Forged/Rates"), "POST unmatched");
        let health = "grpc.health.v1.Health/Check";
        assert_eq!(called("POST", "/grpc.health.v1.Health/Check"), health);
    }
}
