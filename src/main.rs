//! The command line. `media-child` comes before anything else: it is what the server runs for each file, in the box.

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args_os()
        .nth(1)
        .is_some_and(|command| command == "media-child")
    {
        return jarchi::media::child();
    }
    ExitCode::SUCCESS
}
