#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| toward_fuzz::corpus::holds(bytes));
