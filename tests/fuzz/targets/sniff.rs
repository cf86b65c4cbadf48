#![no_main]

use jarchi::media::fuzzed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = fuzzed::sniff(bytes);
});
