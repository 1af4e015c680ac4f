//! What a service says of itself in its log.
//!
//! All services are told in the same way, by the section `log`: in which form, and how much.

use crate::settings::{LogFormat, LogSettings};
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, filter::ParseError};

/// The filter is none.
#[derive(Debug, thiserror::Error)]
#[error("log.filter does not hold: `info`, or by module, `info,tryzore_web=debug`")]
pub struct FilterError(#[from] ParseError);

/// Writes the log as `settings` say, to standard error.
///
/// # Errors
/// When the filter is none.
pub fn log(settings: &LogSettings) -> Result<(), FilterError> {
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter(settings)?)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let set = match settings.format {
        LogFormat::Json => subscriber.json().try_init(),
        LogFormat::Pretty => subscriber.try_init(),
    };
    if set.is_err() {
        tracing::warn!("the log goes where it went before");
    }
    Ok(())
}

fn filter(settings: &LogSettings) -> Result<EnvFilter, FilterError> {
    Ok(EnvFilter::builder().parse(&settings.filter)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(filter: &str) -> Result<EnvFilter, FilterError> {
        super::filter(&LogSettings { format: LogFormat::Json, filter: filter.into() })
    }

    #[test]
    fn a_filter_holds_or_is_refused() {
        for good in ["info", "off", "info,tryzore_web=debug", "warn,tryzore_postgres::runtime=trace"] {
            assert!(of(good).is_ok(), "{good}");
        }
        for bad in ["tryzore_web=loud", "info,=,", "a=b=c"] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
