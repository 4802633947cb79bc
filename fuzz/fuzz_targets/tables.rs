#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| toward_fuzz::tables::holds(bytes));
