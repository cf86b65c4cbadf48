//! The inside of the box: what Jarchi starts for each file that is to be decoded. A binary of its own, so that the server
//! neither loads nor holds the hundred and more libraries that stand behind the decoders.

fn main() -> std::process::ExitCode {
    jarchi::media::child()
}
