//! Blocks of records through a worker, in order, with bounded memory.
//!
//! One thread reads and one writes while the workers of rayon are at the block between: at most five blocks are in
//! memory, whatever the file's size, and rows come out in the order in which records came in.

use std::sync::mpsc::sync_channel;
use std::thread;

use toward::data::{DataError, Output, Reader, Record};

/// A block is full at so many records or bytes. Neither changes the output.
const RECORDS: usize = 4096;
const BYTES: usize = 2 << 20;

/// How many blocks may wait on either side of the workers.
const WAITING: usize = 2;

/// Reads all records, gives them to `work` block by block, and writes what it renders.
///
/// # Errors
/// The first error of reading, working or writing; what was rendered before it has been handed to the output.
pub(super) fn run(
    reader: &mut Reader,
    output: &mut Output,
    mut work: impl FnMut(&[Record]) -> anyhow::Result<Vec<u8>>,
) -> anyhow::Result<()> {
    thread::scope(|scope| {
        let (send_block, blocks) = sync_channel::<Result<Vec<Record>, DataError>>(WAITING);
        let (send_bytes, rendered) = sync_channel::<Vec<u8>>(WAITING);
        scope.spawn(move || {
            loop {
                let block = reader.read_block(RECORDS, BYTES);
                let last = block.as_ref().map_or(true, Vec::is_empty);
                // The receiver is gone once work or writing failed: then there is nothing more to do.
                if send_block.send(block).is_err() || last {
                    return;
                }
            }
        });
        let writer = scope.spawn(move || {
            for bytes in rendered {
                output.write_block(&bytes)?;
            }
            Ok::<(), DataError>(())
        });
        let worked = blocks.iter().try_for_each(|block| {
            let block = block?;
            // A closed channel means that writing failed; its error is taken up below.
            let _ = block.is_empty() || send_bytes.send(work(&block)?).is_err();
            anyhow::Ok(())
        });
        drop(blocks);
        drop(send_bytes);
        let written = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        written?;
        worked
    })
}
