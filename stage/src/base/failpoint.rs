//! Steps at which a test can kill the process.
//!
//! Built with the feature `failpoints`, [`step`] appends its name to the file that
//! `STAGE_FAILPOINT_LOG` names, and ends the process on the spot, without any clean-up, when
//! `STAGE_FAILPOINT` has that name. A release build contains none of this.

/// Passes the step `name`.
#[cfg(feature = "failpoints")]
pub(crate) fn step(name: &str) {
    use std::io::Write as _;

    if let Some(log) = std::env::var_os("STAGE_FAILPOINT_LOG") {
        let log = fs_err::OpenOptions::new()
            .append(true)
            .create(true)
            .open(log);
        writeln!(log.expect("the log can be opened"), "{name}").expect("the log can be written");
    }
    if std::env::var_os("STAGE_FAILPOINT").is_some_and(|wanted| wanted == name) {
        std::process::abort();
    }
}

/// Passes the step `name`.
#[cfg(not(feature = "failpoints"))]
pub(crate) fn step(_name: &str) {}
