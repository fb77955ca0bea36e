//! Random batches against a model of a queue, of a shard and of partitions, with redelivery until nothing is left.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mayfly::batch::{Kafka, Kinesis, Sqs};
use mayfly::testing;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The behaviour of a record on one of its deliveries.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Behaviour {
    Succeed,
    Fail,
    Panic,
    /// The content cannot be read.
    Unreadable,
    /// An async function waits, so that others begin.
    Wait,
}

/// A record: its lane, and its behaviour on each delivery but the last, on which it succeeds.
#[derive(Clone, Debug)]
struct Planned {
    lane: u8,
    behaviours: Vec<Behaviour>,
}

fn planned() -> impl Strategy<Value = Vec<Planned>> {
    use Behaviour::{Fail, Panic, Succeed, Unreadable, Wait};
    let behaviour = prop::sample::select(vec![Succeed, Fail, Panic, Unreadable, Wait]);
    vec((0..4_u8, vec(behaviour, 0..4)), 0..20)
        .prop_map(|all| all.into_iter().map(|(lane, behaviours)| Planned { lane, behaviours }).collect())
}

/// The delivery that is under way.
struct Delivery {
    behaviours: BTreeMap<usize, Behaviour>,
    /// The records that were handled to the end.
    handled: Vec<usize>,
}

static DELIVERY: Mutex<Delivery> = Mutex::new(Delivery { behaviours: BTreeMap::new(), handled: Vec::new() });

fn delivery() -> MutexGuard<'static, Delivery> {
    DELIVERY.lock().unwrap_or_else(PoisonError::into_inner)
}

fn behaviour_of(record: usize) -> Behaviour {
    delivery().behaviours[&record]
}

/// Ends the handling of a record.
fn end(record: usize) -> Result<(), &'static str> {
    match behaviour_of(record) {
        Behaviour::Fail => return Err("it fails"),
        Behaviour::Panic => panic!("it panics"),
        _ => {}
    }
    delivery().handled.push(record);
    Ok(())
}

async fn handle(record: usize) -> Result<(), &'static str> {
    if behaviour_of(record) == Behaviour::Wait {
        tokio::time::sleep(Duration::from_micros(100)).await;
    }
    tokio::task::yield_now().await;
    end(record)
}

#[mayfly::batch(name = "queue_sync")]
fn queue_sync(message: Sqs<usize>) -> Result<(), &'static str> {
    end(*message)
}

#[mayfly::batch(name = "queue_async", concurrency = 4)]
async fn queue_async(message: Sqs<usize>) -> Result<(), &'static str> {
    handle(*message).await
}

#[mayfly::batch(name = "shard_sync")]
fn shard_sync(record: Kinesis<usize>) -> Result<(), &'static str> {
    end(*record)
}

#[mayfly::batch(name = "shard_async")]
async fn shard_async(record: Kinesis<usize>) -> Result<(), &'static str> {
    handle(*record).await
}

#[mayfly::batch(name = "partitions_sync")]
fn partitions_sync(record: Kafka<usize>) -> Result<(), &'static str> {
    end(*record)
}

#[mayfly::batch(name = "partitions_async", concurrency = 4)]
async fn partitions_async(record: Kafka<usize>) -> Result<(), &'static str> {
    handle(*record).await
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Standard,
    Fifo,
    Shard,
    Partitions,
}

impl Kind {
    fn handlers(self) -> [&'static str; 2] {
        match self {
            Self::Standard | Self::Fifo => ["queue_sync", "queue_async"],
            Self::Shard => ["shard_sync", "shard_async"],
            Self::Partitions => ["partitions_sync", "partitions_async"],
        }
    }

    /// Returns the lane in which the source keeps the order of a record.
    fn lane(self, record: usize, planned: &[Planned]) -> Option<u8> {
        match self {
            Self::Standard => None,
            Self::Fifo | Self::Partitions => Some(planned[record].lane),
            Self::Shard => Some(0),
        }
    }

    fn event(self, batch: &[usize], planned: &[Planned]) -> Value {
        let content = |record: usize| match behaviour_of(record) {
            Behaviour::Unreadable => "{".to_owned(),
            _ => record.to_string(),
        };
        let data = |record| STANDARD.encode(content(record));
        let fifo = if self == Self::Fifo { ".fifo" } else { "" };
        let records: Vec<_> = batch
            .iter()
            .map(|&record| match self {
                Self::Shard => json!({"kinesis": {"sequenceNumber": record.to_string(), "data": data(record)}}),
                Self::Partitions => json!({"offset": record, "value": data(record)}),
                Self::Standard | Self::Fifo => json!({
                    "messageId": record.to_string(),
                    "body": content(record),
                    "attributes": {"MessageGroupId": planned[record].lane.to_string()},
                    "eventSourceARN": format!("arn:aws:sqs:::q{fifo}"),
                }),
            })
            .collect();
        if self != Self::Partitions {
            return json!({"Records": records});
        }
        let mut partitions = BTreeMap::<_, Vec<_>>::new();
        for (record, json) in batch.iter().zip(records) {
            partitions.entry(format!("t-{}", planned[*record].lane)).or_default().push(json);
        }
        json!({"records": partitions})
    }

    /// Returns the records that the source delivers again after a reply.
    fn delivered_again(self, batch: &[usize], reply: &Value, planned: &[Planned]) -> Vec<usize> {
        let items = reply["batchItemFailures"].as_array().unwrap().iter().map(|item| &item["itemIdentifier"]);
        let first = |item: &Value| item["offset"].as_u64().map(|offset| usize::try_from(offset).unwrap());
        let reported: Vec<usize> =
            items.map(|item| first(item).unwrap_or_else(|| item.as_str().unwrap().parse().unwrap())).collect();
        let again = |record: &usize| match self {
            Self::Standard | Self::Fifo => reported.contains(record),
            // The source goes back to the first that is reported.
            Self::Shard | Self::Partitions => reported
                .iter()
                .any(|first| self.lane(*first, planned) == self.lane(*record, planned) && first <= record),
        };
        batch.iter().copied().filter(again).collect()
    }
}

/// Delivers one batch. Returns the records that were handled, and those that the source delivers again.
fn deliver(kind: Kind, function: &str, batch: &[usize], planned: &[Planned]) -> (Vec<usize>, Vec<usize>) {
    let reply = testing::invoke(function).event(kind.event(batch, planned)).run();
    let handled = std::mem::take(&mut delivery().handled);
    match reply {
        Ok(reply) => (handled, kind.delivered_again(batch, &reply.json(), planned)),
        Err(failure) => {
            assert_eq!(failure.error_type(), "Function.BatchFailed");
            assert!(matches!(kind, Kind::Standard | Kind::Partitions) && handled.is_empty());
            (handled, batch.to_vec())
        }
    }
}

/// Returns the records that the reference model handles: those of each lane up to its first failure.
fn expected(kind: Kind, batch: &[usize], planned: &[Planned]) -> Vec<usize> {
    let mut ended = Vec::new();
    let mut handled = Vec::new();
    for &record in batch {
        let lane = kind.lane(record, planned);
        if lane.is_some() && ended.contains(&lane) {
            continue;
        }
        if matches!(behaviour_of(record), Behaviour::Succeed | Behaviour::Wait) {
            handled.push(record);
        } else {
            ended.push(lane);
        }
    }
    handled
}

/// Delivers batches until nothing is left, and compares each with the reference model.
fn deliver_all(kind: Kind, function: &str, planned: &[Planned], size: usize) -> Result<(), TestCaseError> {
    let mut left: Vec<usize> = (0..planned.len()).collect();
    let mut deliveries = vec![0; planned.len()];
    let mut all_handled = Vec::new();
    while !left.is_empty() {
        let batch: Vec<_> = left.iter().copied().take(size).collect();
        delivery().behaviours = batch
            .iter()
            .map(|&record| {
                let behaviour = planned[record].behaviours.get(deliveries[record]).copied();
                (record, behaviour.unwrap_or(Behaviour::Succeed))
            })
            .collect();
        for &record in &batch {
            deliveries[record] += 1;
        }
        let (mut handled, again) = deliver(kind, function, &batch, planned);
        all_handled.extend(&handled);
        handled.sort_unstable();
        prop_assert_eq!(&handled, &expected(kind, &batch, planned), "{} {:?}", function, kind);
        let mut all = [handled, again.clone()].concat();
        all.sort_unstable();
        prop_assert_eq!(&all, &batch, "each record is either done or delivered again: {} {:?}", function, kind);
        left.retain(|record| !batch.contains(record) || again.contains(record));
    }
    for lane in 0..4 {
        let of_lane = all_handled.iter().filter(|record| kind.lane(**record, planned) == Some(lane));
        prop_assert!(of_lane.is_sorted(), "the order is kept: {} {:?} {:?}", function, kind, all_handled);
    }
    prop_assert_eq!(all_handled.len(), planned.len());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_record_is_lost_none_is_handled_twice_and_the_order_is_kept(planned in planned(), size in 1..12_usize) {
        for kind in [Kind::Standard, Kind::Fifo, Kind::Shard, Kind::Partitions] {
            for handler in kind.handlers() {
                deliver_all(kind, handler, &planned, size)?;
            }
        }
    }
}
