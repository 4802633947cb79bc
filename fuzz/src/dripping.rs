//! A slow pipe: what is read must not depend on how much comes at a time.

use std::io::{self, Read};

/// A reader that hands over `step` bytes at a time.
pub struct Dripping {
    pub bytes: Vec<u8>,
    pub at: usize,
    pub step: usize,
}

impl Read for Dripping {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.step.min(buffer.len()).min(self.bytes.len() - self.at);
        buffer[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
