//! `Stock`: the goods in the warehouse.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::time::sleep;

/// The time that a reservation takes.
const RESERVATION: Duration = Duration::from_millis(2);
/// The time that a delivery takes.
const DELIVERY: Duration = Duration::from_millis(50);

/// The goods in the warehouse. It stands for a database: a change takes its time, in which other records go on.
#[derive(Debug, Default)]
pub struct Stock(Mutex<Books>);

#[derive(Debug, Default)]
struct Books {
    pieces: HashMap<String, u32>,
    /// The ids of the changes that were made. SQS may deliver a message more than once.
    made: HashSet<String>,
}

/// Opens the warehouse with ten kettles in it.
#[mayfly::init]
fn stock() -> Stock {
    Stock::of([("kettle", 10)])
}

/// A number of pieces of one article, under an id of its own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goods {
    /// The id, which the sender chose.
    pub id: String,
    /// The article.
    pub sku: String,
    /// The number of pieces.
    pub pieces: u32,
}

impl Stock {
    /// Makes a warehouse with these articles in it.
    #[must_use]
    pub fn of<const N: usize>(articles: [(&str, u32); N]) -> Self {
        let pieces = articles.map(|(sku, pieces)| (sku.to_owned(), pieces)).into();
        Self(Mutex::new(Books { pieces, made: HashSet::new() }))
    }

    /// Reserves goods. The same reservation a second time changes nothing.
    ///
    /// # Errors
    /// Fails if too few pieces are left.
    pub async fn reserve(&self, goods: &Goods) -> Result<(), OutOfStock> {
        sleep(RESERVATION).await;
        self.change(goods, |left, wanted| left.checked_sub(wanted).ok_or(OutOfStock { left }))
    }

    /// Puts goods into the warehouse. The same delivery a second time changes nothing.
    pub async fn deliver(&self, goods: &Goods) {
        sleep(DELIVERY).await;
        let Ok(()) = self.change(goods, |left, more| Ok::<_, std::convert::Infallible>(left.saturating_add(more)));
    }

    fn change<E>(&self, goods: &Goods, make: impl Fn(u32, u32) -> Result<u32, E>) -> Result<(), E> {
        let mut books = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if books.made.contains(&goods.id) {
            return Ok(());
        }
        let pieces = books.pieces.entry(goods.sku.clone()).or_default();
        *pieces = make(*pieces, goods.pieces)?;
        books.made.insert(goods.id.clone());
        Ok(())
    }
}

/// Too few pieces are left.
#[derive(Debug, PartialEq, Eq)]
pub struct OutOfStock {
    left: u32,
}

impl fmt::Display for OutOfStock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "only {} pieces are left", self.left)
    }
}

impl std::error::Error for OutOfStock {}

#[cfg(test)]
mod tests {
    use super::*;

    fn goods(id: &str, pieces: u32) -> Goods {
        Goods { id: id.to_owned(), sku: "kettle".to_owned(), pieces }
    }

    #[tokio::test]
    async fn goods_are_reserved_while_stock_lasts() {
        let stock = Stock::of([("kettle", 3)]);
        assert_eq!(stock.reserve(&goods("o-1", 2)).await, Ok(()));
        assert_eq!(stock.reserve(&goods("o-2", 2)).await, Err(OutOfStock { left: 1 }));
        stock.deliver(&goods("d-1", 1)).await;
        assert_eq!(stock.reserve(&goods("o-2", 2)).await, Ok(()));
    }

    #[tokio::test]
    async fn a_change_that_is_delivered_twice_is_made_once() {
        let stock = Stock::of([("kettle", 3)]);
        for _ in 0..2 {
            assert_eq!(stock.reserve(&goods("o-1", 2)).await, Ok(()));
            stock.deliver(&goods("d-1", 1)).await;
        }
        assert_eq!(stock.reserve(&goods("o-2", 3)).await, Err(OutOfStock { left: 2 }));
    }
}
