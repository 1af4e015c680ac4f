//! Limits how slowly a body may arrive: a caller who sends half a body and then nothing, or a byte now and
//! then, would occupy a connection and a handler without limit.
//!
//! Only the time in which the service waits for the caller counts. A handler that reads slowly does not use
//! it up.

use crate::{ApiError, settings::BodySettings};
use actix_web::{
    Error, HttpMessage,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::{InternalError, PayloadError},
    middleware::Next,
    web::{Bytes, Data},
};
use futures::{Stream, StreamExt, ready};
use std::{
    cell::{Cell, RefCell},
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep_until};
use tryzore_kernel::Problem;

/// Answers 408 when the body arrives too slowly.
pub(crate) async fn guard(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let settings = request.app_data::<Data<BodySettings>>().map(|settings| *settings.get_ref());
    let too_late = Rc::new(Cell::new(false));
    if let Some(settings) = settings {
        let payload = request.take_payload();
        let budget = Budget::new(settings);
        let paced = Paced { payload, budget, waiting: None, too_late: Rc::clone(&too_late) };
        request.set_payload(Payload::Stream { payload: Box::pin(paced) });
    }
    let outcome = next.call(request).await;
    if too_late.get() {
        let problem = Problem::new(408, "request.too_slow", "The body came too slowly", "send it again");
        return Err(ApiError::from(problem).into());
    }
    outcome
}

/// Ends the connection when its request was answered before its body was read. If the body has been dropped,
/// actix waits for the rest of a chunked body without limit; if it still exists when the answer is written,
/// actix does not wait. So the response keeps the body. This is the outermost middleware, so that it applies
/// to every answer.
pub(crate) async fn hold(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let held = Held(Rc::new(RefCell::new(request.take_payload())));
    request.set_payload(Payload::Stream { payload: Box::pin(held.clone()) });
    match next.call(request).await {
        Ok(mut response) => {
            // For an answer without a body.
            response.response_mut().extensions_mut().insert(held.clone());
            Ok(response.map_body(|_, body| HeldBody { body: body.boxed(), _held: held }))
        }
        Err(error) => {
            let response = error.error_response();
            let response = response.map_body(|_, body| HeldBody { body: body.boxed(), _held: held });
            Err(InternalError::from_response(error, response.map_into_boxed_body()).into())
        }
    }
}

/// The body of a response, together with the body of its request.
struct HeldBody {
    body: BoxBody,
    _held: Held,
}

impl MessageBody for HeldBody {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context).map_err(Into::into)
    }
}

/// The body of a request, shared by the response and the handler that reads it.
#[derive(Clone)]
struct Held(Rc<RefCell<Payload>>);

impl Stream for Held {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.borrow_mut().poll_next_unpin(context)
    }
}

/// The time that the next piece of a body may take.
struct Budget {
    settings: BodySettings,
    received: u64,
    waited: Duration,
}

impl Budget {
    const fn new(settings: BodySettings) -> Self {
        Self { settings, received: 0, waited: Duration::ZERO }
    }

    fn left(&self) -> Duration {
        let idle = Duration::from_secs(self.settings.idle_seconds.get().into());
        let rate = u64::from(self.settings.bytes_per_second.get());
        let earned = Duration::from_millis(self.received.saturating_mul(1000) / rate);
        idle.min((idle + earned).saturating_sub(self.waited))
    }

    fn has_come(&mut self, bytes: usize, after: Duration) {
        self.received = self.received.saturating_add(bytes as u64);
        self.waited = self.waited.saturating_add(after);
    }
}

/// A body whose pieces must arrive in time.
struct Paced {
    payload: Payload,
    budget: Budget,
    // Since when the next piece has been awaited, and until when it must arrive.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
    too_late: Rc<Cell<bool>>,
}

impl Stream for Paced {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Poll::Ready(piece) = this.payload.poll_next_unpin(context) {
            let after = this.waiting.take().map(|(since, _)| since.elapsed()).unwrap_or_default();
            let bytes = piece.as_ref().and_then(|piece| piece.as_ref().ok()).map_or(0, Bytes::len);
            this.budget.has_come(bytes, after);
            return Poll::Ready(piece);
        }
        let left = this.budget.left();
        let (_, until) = this.waiting.get_or_insert_with(|| {
            let now = Instant::now();
            (now, Box::pin(sleep_until(now + left)))
        });
        ready!(until.as_mut().poll(context));
        this.too_late.set(true);
        Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    const SECOND: Duration = Duration::from_secs(1);

    fn budget() -> Budget {
        let settings = BodySettings {
            idle_seconds: NonZeroU32::new(10).unwrap(),
            bytes_per_second: NonZeroU32::new(1000).unwrap(),
        };
        Budget::new(settings)
    }

    #[test]
    fn a_pause_of_ten_seconds_is_too_slow_however_fast_the_body_was_before() {
        let mut budget = budget();
        assert_eq!(budget.left(), 10 * SECOND);
        budget.has_come(1_000_000, SECOND);
        assert_eq!(budget.left(), 10 * SECOND);
    }

    #[test]
    fn a_byte_now_and_then_is_too_slow() {
        let mut budget = budget();
        budget.has_come(1, 6 * SECOND);
        assert_eq!(budget.left(), 4 * SECOND + Duration::from_millis(1));
        budget.has_come(1, 4 * SECOND);
        assert_eq!(budget.left(), Duration::from_millis(2));
        budget.has_come(1, Duration::from_millis(3));
        assert_eq!(budget.left(), Duration::ZERO);
    }

    #[test]
    fn a_long_body_at_the_least_rate_may_take_long() {
        let mut budget = budget();
        for _ in 0..100 {
            budget.has_come(5000, 5 * SECOND);
            assert_eq!(budget.left(), 10 * SECOND);
        }
        for _ in 0..10 {
            budget.has_come(4000, 5 * SECOND);
        }
        assert_eq!(budget.left(), Duration::ZERO, "a fifth too slow for fifty seconds");
    }
}
