//! Blocks of records through a worker, in order, with bounded memory.
//!
//! One thread reads and one writes while the workers of rayon are at the block between: at most five blocks are in
//! memory, whatever the file's size, and rows come out in the order in which records came in.

use std::sync::mpsc::sync_channel;
use std::thread;

use serde::Serialize;
use toward::data::{Checkpoint, DataError, Journal, Output, Position, Problem, Reader, Record};

/// A block is full at so many records or bytes. Neither changes the output.
const RECORDS: usize = 4096;
const BYTES: usize = 2 << 20;

/// How many blocks may wait on either side of the workers.
const WAITING: usize = 2;

/// A block on its way: its records and, where there is a journal, the place behind it.
type Block = (Vec<Record>, Option<Position>);

/// Reads all records, sets aside those of which `check` says what is wrong, gives the others to `work` block by block, and writes what it renders. A `journal` gets every block that is written, with what `work` has counted so far.
///
/// # Errors
/// The first error of reading, working or writing; what was rendered before it has been handed to the output.
pub(super) fn run<T: Serialize + Send>(
    reader: &mut Reader,
    output: &mut Output,
    mut journal: Option<&mut Journal>,
    check: impl Fn(&Reader, &Record) -> Option<Problem> + Send,
    mut work: impl FnMut(&[Record]) -> anyhow::Result<(Vec<u8>, T)>,
) -> anyhow::Result<()> {
    let keeps = journal.is_some();
    thread::scope(|scope| {
        let (send_block, blocks) = sync_channel::<anyhow::Result<Block>>(WAITING);
        let (send_bytes, rendered) = sync_channel::<(Vec<u8>, Option<Position>, T)>(WAITING);
        scope.spawn(move || {
            loop {
                let (block, mut error) = match reader.read_block(RECORDS, BYTES) {
                    Ok(block) if block.is_empty() => return,
                    Ok(block) => checked(reader, block, &check),
                    Err(error) => (Vec::new(), Some(error)),
                };
                let mut position = None;
                if keeps && error.is_none() {
                    match reader.checkpoint() {
                        Ok(place) => position = place,
                        Err(failure) => error = Some(failure),
                    }
                }
                // The receiver is gone once work or writing failed: then there is nothing more to do.
                if send_block.send(Ok((block, position))).is_err() {
                    return;
                }
                if let Some(error) = error {
                    let _ = send_block.send(Err(error.into()));
                    return;
                }
            }
        });
        let writer = scope.spawn(move || {
            for (bytes, position, tally) in rendered {
                output.write_block(&bytes)?;
                if let (Some(journal), Some(input)) = (&mut journal, position) {
                    journal.add(&Checkpoint { input, output: output.checkpoint()?, tally, finished: false })?;
                }
            }
            Ok::<(), DataError>(())
        });
        let worked = blocks.iter().try_for_each(|block| {
            let (block, position) = block.map_err(Stop::Failed)?;
            let (bytes, tally) = work(&block).map_err(Stop::Failed)?;
            send_bytes.send((bytes, position, tally)).map_err(|_| Stop::Closed)
        });
        drop(blocks);
        drop(send_bytes);
        let written = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        written?;
        match worked {
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Closed) | Ok(()) => Ok(()),
        }
    })
}

/// Why no more blocks are worked on.
enum Stop {
    Failed(anyhow::Error),
    /// Writing failed, which has its own error: reading on would be in vain, and for `| head` might never end.
    Closed,
}

/// Sets aside the records whose content is bad. Good ones before an error come first.
fn checked(
    reader: &mut Reader,
    block: Vec<Record>,
    check: &impl Fn(&Reader, &Record) -> Option<Problem>,
) -> (Vec<Record>, Option<DataError>) {
    let mut good = Vec::with_capacity(block.len());
    for record in block {
        match check(reader, &record) {
            None => good.push(record),
            Some(problem) => {
                if let Err(error) = reader.reject(&record, problem) {
                    return (good, Some(error));
                }
            }
        }
    }
    (good, None)
}
