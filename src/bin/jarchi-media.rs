//! The inside of the box, for what only libav decodes: a binary of its own, so that neither the server nor the decoding of
//! a photo waits for the hundred and more libraries behind it.

fn main() -> std::process::ExitCode {
    jarchi::media::child()
}
