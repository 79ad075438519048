#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gardener_fuzz::old_worklogs::holds(data));
