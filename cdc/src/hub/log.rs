//! The log of a [`super::Hub`]: the newest messages of the stream, and where in them a position lies.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::error::Error;
use crate::event::Message;
use crate::position::Position;

/// Messages in their order, the newest so many bytes of them.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) messages: VecDeque<Message>,
    bytes: usize,
    bytes_max: usize,
    /// Number of the first message; they are counted from the beginning of all reading.
    pub(super) first: u64,
    /// Where a subscriber must stand to begin with the first message; `None` when that is in the middle of a transaction.
    start: Option<Position>,
    /// After the last commit.
    newest: Position,
    /// Why nothing more will come.
    pub(super) ended: Option<Arc<Error>>,
}

impl Log {
    pub(super) fn new(start: Position, bytes_max: usize) -> Self {
        Self {
            messages: VecDeque::new(),
            bytes: 0,
            bytes_max,
            first: 0,
            newest: start.clone(),
            start: Some(start),
            ended: None,
        }
    }

    pub(super) fn append(&mut self, message: Message) {
        if let Message::Commit(commit) = &message {
            self.newest.clone_from(commit.position());
        }
        self.bytes += message.bytes();
        self.messages.push_back(message);
        while self.bytes > self.bytes_max {
            let Some(oldest) = self.messages.pop_front() else {
                break;
            };
            self.first += 1;
            self.bytes -= oldest.bytes();
            self.start = match oldest {
                Message::Commit(commit) => Some(commit.cursor.position),
                Message::Heartbeat => self.start.take(),
                Message::Change(_)
                | Message::Stale(_)
                | Message::Rewind
                | Message::Gap
                | Message::Snapshot(_) => None,
            };
        }
    }

    /// Begins anew at another position, with nothing that came before.
    pub(super) fn restart(&mut self, start: Position) {
        // One more than there were, so that whoever stood at the end has fallen out too.
        self.first = self.end() + 1;
        self.messages.clear();
        self.bytes = 0;
        self.newest = start.clone();
        self.start = Some(start);
    }

    fn end(&self) -> u64 {
        self.first + self.messages.len() as u64
    }

    /// The number of the first message after `position`, if that is a place between two transactions of the log.
    pub(super) fn find(&self, position: &Position) -> Option<u64> {
        if self.newest.covers(position) != Some(true) {
            return None;
        }
        let covers = |other: &Position| position.covers(other) == Some(true);
        let commits =
            self.messages
                .iter()
                .enumerate()
                .filter_map(|(index, message)| match message {
                    Message::Commit(commit) => Some((index, commit.position())),
                    _ => None,
                });
        let oldest = self
            .start
            .as_ref()
            .or_else(|| commits.clone().next().map(|(_, position)| position));
        if !oldest.is_some_and(covers) {
            return None;
        }
        let last = commits.rev().find(|(_, position)| covers(position));
        Some(last.map_or(self.first, |(index, _)| self.first + index as u64 + 1))
    }

    /// The number of the first message that begins a transaction, and the position before it, for one who wants no past;
    /// `None` when the log holds but a part of a transaction.
    pub(super) fn find_start(&self) -> Option<(u64, Position)> {
        if let Some(start) = &self.start {
            return Some((self.first, start.clone()));
        }
        let mut messages = (self.first + 1..).zip(&self.messages);
        messages.find_map(|(next, message)| match message {
            Message::Commit(commit) => Some((next, commit.position().clone())),
            _ => None,
        })
    }
}
