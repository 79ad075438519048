#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gardener_fuzz::rules::holds(data));
