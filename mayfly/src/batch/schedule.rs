//! `Schedule`: the order in which the records of a batch begin, and their outcomes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The outcome of a record so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The record was not begun, or its end is not known.
    Open,
    Succeeded,
    Failed,
}

/// The order in which the records of a batch begin, and their outcomes.
///
/// The records of one lane begin one after the other, and its first failure ends it. Of the records that may begin, the
/// first in the event begins first.
#[derive(Debug)]
pub(super) struct Schedule {
    pub(super) outcomes: Vec<Outcome>,
    /// The next record in the lane of each record.
    followers: Vec<Option<usize>>,
    ready: BinaryHeap<Reverse<usize>>,
}

impl Schedule {
    pub(super) fn new(lanes: &[Option<usize>]) -> Self {
        let mut followers = vec![None; lanes.len()];
        let mut ready = BinaryHeap::with_capacity(lanes.len());
        let mut last_of_lane: Vec<Option<usize>> = Vec::new();
        for (record, lane) in lanes.iter().enumerate() {
            let Some(lane) = *lane else {
                ready.push(Reverse(record));
                continue;
            };
            if lane >= last_of_lane.len() {
                last_of_lane.resize(lane + 1, None);
            }
            match last_of_lane[lane].replace(record) {
                Some(before) => followers[before] = Some(record),
                None => ready.push(Reverse(record)),
            }
        }
        Self { outcomes: vec![Outcome::Open; lanes.len()], followers, ready }
    }

    /// Returns the next record that may begin now.
    pub(super) fn next(&mut self) -> Option<usize> {
        self.ready.pop().map(|Reverse(record)| record)
    }

    /// Notes the end of a record. After a success the next record of its lane may begin.
    pub(super) fn end(&mut self, record: usize, has_succeeded: bool) {
        self.outcomes[record] = if has_succeeded { Outcome::Succeeded } else { Outcome::Failed };
        if has_succeeded {
            self.ready.extend(self.followers[record].map(Reverse));
        }
    }
}
