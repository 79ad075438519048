//! The pipes of a suite, read in the background: captured, and handed to whoever reads results.
//!
//! A thread for each pipe, because a suite must never wait for want of a reader. What is read waits
//! for the reader of results in a channel of a megabyte; when that is full the suite waits, so that
//! no amount of output takes more memory.

use std::io::{self, BufRead, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::effect::Pipe;
use crate::runner::capture::{Capture, Output};

const PIECE: usize = 1 << 16;
const PIECES: usize = 16;

/// Reads the pipes of one suite.
pub(super) struct Pump {
    shared: Arc<Shared>,
    done: Receiver<()>,
    end: Option<SyncSender<Option<Vec<u8>>>>,
}

#[derive(Default)]
struct Shared {
    capture: Mutex<Capture>,
    /// How many threads wait for the reader of results.
    waiting: AtomicUsize,
}

/// Standard output as it comes.
pub(super) struct Pieces {
    pieces: Receiver<Option<Vec<u8>>>,
    piece: Vec<u8>,
    at: usize,
    is_over: bool,
}

impl Pump {
    /// Begins to read; standard output also goes to the second value, if somebody wants it.
    pub(super) fn start(out: Pipe, err: Option<Pipe>, is_read: bool) -> (Self, Option<Pieces>) {
        let shared = Arc::new(Shared::default());
        let (sender, done) = mpsc::channel();
        let (end, pieces) = if is_read {
            let (end, pieces) = mpsc::sync_channel(PIECES);
            (Some(end), Some(Pieces { pieces, piece: Vec::new(), at: 0, is_over: false }))
        } else {
            (None, None)
        };
        let pipes = [Some((out, end.clone())), err.map(|err| (err, None))];
        for (pipe, to) in pipes.into_iter().flatten() {
            let (shared, sender) = (Arc::clone(&shared), sender.clone());
            std::thread::spawn(move || {
                read(pipe, &shared, to);
                drop(sender);
            });
        }
        (Self { shared, done, end }, pieces)
    }

    /// The latest line that was not asked for before.
    pub(super) fn take_line(&self) -> Option<String> {
        self.shared.capture().take_line()
    }

    /// What came, once all is read. Somebody who could not be ended may hold a pipe open for ever,
    /// so that after `patience` without a byte nothing more is waited for, and after ten times as
    /// much in any case. The reader of results comes to the end then, too.
    pub(super) fn finish(self, patience: Duration) -> Output {
        let (start, mut quiet, mut total) = (Instant::now(), Instant::now(), 0);
        while let Err(RecvTimeoutError::Timeout) = self.done.recv_timeout(Duration::from_millis(10)) {
            let now = self.shared.capture().total();
            let is_waiting = self.shared.waiting.load(Ordering::SeqCst) > 0;
            if is_waiting || now != std::mem::replace(&mut total, now) {
                quiet = Instant::now();
            }
            if quiet.elapsed() > patience || !is_waiting && start.elapsed() > 10 * patience {
                break;
            }
        }
        let output = self.shared.capture().output();
        if let Some(end) = self.end {
            // It may have read as much as it wanted.
            let _ = end.send(None);
        }
        output
    }
}

impl Shared {
    fn capture(&self) -> MutexGuard<'_, Capture> {
        self.capture.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(mut pipe: Pipe, shared: &Shared, mut to: Option<SyncSender<Option<Vec<u8>>>>) {
    let mut piece = vec![0; PIECE];
    loop {
        match pipe.read(&mut piece) {
            Ok(0) => return,
            Ok(count) => {
                shared.capture().add(&piece[..count]);
                if let Some(sender) = &to {
                    shared.waiting.fetch_add(1, Ordering::SeqCst);
                    let sent = sender.send(Some(piece[..count].to_vec()));
                    shared.waiting.fetch_sub(1, Ordering::SeqCst);
                    if sent.is_err() {
                        to = None;
                    }
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // What was read before an error is still worth showing.
            Err(_) => return,
        }
    }
}

impl BufRead for Pieces {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.piece.len() && !self.is_over {
            self.at = 0;
            self.piece = self.pieces.recv().ok().flatten().unwrap_or_default();
            self.is_over = self.piece.is_empty();
        }
        Ok(&self.piece[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        self.at = (self.at + amount).min(self.piece.len());
    }
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut piece = self.fill_buf()?;
        let count = piece.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pipe that never comes to its end, after these bytes.
    struct Endless(&'static [u8]);

    impl Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                loop {
                    std::thread::park();
                }
            }
            self.0.read(into)
        }
    }

    #[test]
    fn a_pipe_that_stays_open_is_given_up() {
        let (pump, pieces) = Pump::start(Box::new(Endless(b"one\ntwo")), None, true);
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            pieces.expect("wanted").read_to_string(&mut text).map(|_| text)
        });
        let output = pump.finish(Duration::from_millis(500));
        assert_eq!((output.head.as_str(), output.total), ("one\ntwo", 7));
        assert_eq!(reader.join().expect("no panic").expect("an end"), "one\ntwo");
    }

    #[test]
    fn nothing_is_lost_to_a_slow_reader_and_one_that_stops_is_in_nobodys_way() {
        let much: &[u8] = Box::leak(vec![b'x'; 3 << 20].into_boxed_slice());
        let (pump, pieces) = Pump::start(Box::new(much), None, true);
        let reader = std::thread::spawn(move || {
            // Longer than anybody has patience with a pipe that is quiet.
            std::thread::sleep(Duration::from_millis(900));
            pieces.expect("wanted").bytes().count()
        });
        assert_eq!(pump.finish(Duration::from_millis(300)).total, 3 << 20);
        assert_eq!(reader.join().expect("no panic"), 3 << 20);
        let (pump, pieces) = Pump::start(Box::new(much), None, true);
        drop(pieces);
        assert_eq!(pump.finish(Duration::from_secs(5)).total, 3 << 20);
    }
}
