//! The log of a service.
//!
//! All services configure it in the same way, by the section `log`: the format and the level.

use crate::settings::{LogFormat, LogSettings};
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, filter::ParseError};

/// The filter is not valid.
#[derive(Debug, thiserror::Error)]
#[error("log.filter is not valid: expected `info`, or by module, `info,tryzore_web=debug`")]
pub struct FilterError(#[from] ParseError);

/// Starts logging to standard error according to `settings`.
///
/// # Errors
/// When the filter is not valid.
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
        tracing::warn!("the log is configured already");
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
    fn an_invalid_filter_is_refused() {
        for good in ["info", "off", "info,tryzore_web=debug", "warn,tryzore_postgres::runtime=trace"] {
            assert!(of(good).is_ok(), "{good}");
        }
        for bad in ["tryzore_web=loud", "info,=,", "a=b=c"] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
