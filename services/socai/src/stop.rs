//! When a process is asked to stop.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Whether the process was asked to stop. Cloning shares it.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    asked: watch::Receiver<bool>,
}

impl Stop {
    /// Listens for SIGTERM and SIGINT. A second one ends the process at once.
    ///
    /// # Errors
    ///
    /// Where the operating system does not let it listen.
    pub(crate) fn on_signals() -> std::io::Result<Self> {
        let (mut terminate, mut interrupt) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        );
        let (sender, asked) = watch::channel(false);
        tokio::spawn(async move {
            for again in [false, true] {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                if again {
                    std::process::exit(1);
                }
                tracing::info!("asked to stop; again to stop at once");
                sender.send_replace(true);
            }
        });
        Ok(Self { asked })
    }

    /// Waits until the process is asked to stop.
    pub(crate) async fn asked(&mut self) {
        // Without its sender nobody can ask any more, which is as good as being asked.
        let _ = self.asked.wait_for(|asked| *asked).await;
    }

    /// Waits for `time` or until asked. Whether it was asked.
    pub(crate) async fn asked_within(&mut self, time: std::time::Duration) -> bool {
        tokio::time::timeout(time, self.asked()).await.is_ok()
    }
}
