//! stub
use crate::answer::Ask;
use crate::http::Response;
use crate::log::Operation;
use crate::refusal::Refusal;
pub(crate) fn answer(_ask: &mut Ask<'_>) -> Response {
    Refusal::not_found().response()
}
pub(crate) fn operations(_body: &[u8]) -> (Vec<Operation>, bool) {
    (Vec::new(), false)
}
