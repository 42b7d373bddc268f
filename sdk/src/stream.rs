//! Notifications as a `Stream` and as an `Iterator`.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use crate::background::Background;
use crate::client::Client;
use crate::error::Result;
use crate::event::Notification;
use crate::queue::Queue;
use crate::turn_state::TurnState;

macro_rules! streams {
    ($(
        $(#[$meta:meta])*
        $async:ident, $blocking:ident { $($field:ident: $type:ty),* } => |$self:ident, $context:ident| $poll:expr
    )*) => { $(
        $(#[$meta])*
        ///
        /// In a tokio program, it is a [`Stream`].
        #[derive(Debug)]
        #[must_use = "streams do nothing unless they are read"]
        pub struct $async { $($field: $type),* }

        $(#[$meta])*
        ///
        /// In a program without tokio, it is an [`Iterator`].
        #[derive(Debug)]
        #[must_use = "iterators do nothing unless they are read"]
        pub struct $blocking {
            pub(crate) inner: $async,
            pub(crate) background: Arc<Background>,
        }

        impl $async {
            pub(crate) fn new($($field: $type),*) -> Self {
                Self { $($field),* }
            }

            /// Returns the next one; `None` after the last.
            pub async fn next(&mut self) -> Option<Result<Notification>> {
                let mut stream = Pin::new(self);
                std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await
            }
        }

        impl Stream for $async {
            type Item = Result<Notification>;

            fn poll_next(self: Pin<&mut Self>, $context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
                let $self = self;
                $poll
            }
        }

        impl Iterator for $blocking {
            type Item = Result<Notification>;

            fn next(&mut self) -> Option<Self::Item> {
                // What is here already takes no runtime.
                let mut context = Context::from_waker(Waker::noop());
                if let Poll::Ready(next) = Pin::new(&mut self.inner).poll_next(&mut context) {
                    return next;
                }
                let next = async { self.inner.next().await.transpose() };
                self.background.block_on(next).transpose()
            }
        }
    )* };
}

streams! {
    /// What happens in a turn. It ends after the notification that the turn is completed.
    AsyncTurnStream, TurnStream { turn: Arc<TurnState> } => |this, context| this.turn.poll_next(context)

    /// What the server tells that belongs to no turn. It ends with the connection.
    AsyncNotifications, Notifications { queue: Arc<Queue>, _client: Arc<Client> } => |this, context| this.queue.poll_next(context)
}
