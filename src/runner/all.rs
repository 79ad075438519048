//! All jobs of a run, a few at once; what they tell, on the caller's thread.

use std::collections::VecDeque;
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::runner::one::{self, News};
use crate::runner::{End, Ran, Runner, Stop, Task, Told};

enum Message<T, E> {
    Started(usize),
    News(usize, News<E>),
    Ended(usize, Ran, Option<T>),
}

impl Runner {
    /// Runs all jobs, up to `parallel` at once, beginning them in their order. Returns what became
    /// of each, and what its reader made of its output, in the same order, whatever happened; a
    /// value is missing where there was no reader or nothing to read. `told` is called on this
    /// thread. Until this returns the jobs of no other call should run.
    pub fn run_all<T: Send, E: Send>(
        &self,
        tasks: Vec<Task<'_, T, E>>,
        parallel: usize,
        stop: &Stop,
        told: &mut dyn FnMut(Told<'_, E>),
    ) -> Vec<(Ran, Option<T>)> {
        let names: Vec<String> = tasks.iter().map(|task| task.job.name.clone()).collect();
        let mut all: Vec<Option<(Ran, Option<T>)>> = tasks.iter().map(|_| None).collect();
        let threads = parallel.clamp(1, tasks.len().max(1));
        let waiting: Mutex<VecDeque<_>> = Mutex::new(tasks.into_iter().enumerate().collect());
        // So short that a slow listener holds up whoever tells much.
        let (sender, messages) = mpsc::sync_channel(256);
        thread::scope(|scope| {
            for _ in 0..threads {
                let (sender, waiting) = (sender.clone(), &waiting);
                scope.spawn(move || {
                    loop {
                        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
                        let Some((suite, task)) = waiting.pop_front() else { break };
                        let begins = !stop.is_asked();
                        if begins {
                            // Told before the next can be taken, so that the order is theirs.
                            // Whoever listens never waits for this lock.
                            let _ = sender.send(Message::Started(suite));
                        }
                        drop(waiting);
                        self.run_next(suite, task, begins, stop, &sender);
                    }
                });
            }
            drop(sender);
            for message in messages {
                match message {
                    Message::Started(suite) => told(Told::Started { suite, name: &names[suite] }),
                    Message::News(suite, News::Line(text)) => told(Told::Line { suite, text: &text }),
                    Message::News(suite, News::Event(event)) => told(Told::Event { suite, event }),
                    Message::Ended(suite, ran, value) => {
                        told(Told::Ended { suite, ran: &ran });
                        all[suite] = Some((ran, value));
                    }
                }
            }
        });
        stop.all_ended();
        all.into_iter().flatten().collect()
    }

    fn run_next<T: Send, E: Send>(
        &self,
        suite: usize,
        task: Task<'_, T, E>,
        begins: bool,
        stop: &Stop,
        sender: &SyncSender<Message<T, E>>,
    ) {
        // Whoever listens is there until the last of these threads has ended.
        let send = |message| {
            let _ = sender.send(message);
        };
        if !begins {
            let ran = Ran::without_a_process(End::NotBegun, &task.job);
            return send(Message::Ended(suite, ran, None));
        }
        let (ran, value) = one::run(self, task, stop, &|news| match news {
            // A line that finds no room is old before there is some.
            News::Line(_) => drop(sender.try_send(Message::News(suite, news))),
            News::Event(_) => send(Message::News(suite, news)),
        });
        send(Message::Ended(suite, ran, value));
    }
}
