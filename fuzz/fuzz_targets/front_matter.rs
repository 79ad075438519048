#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gardener_fuzz::front_matter::holds(data));
