//! How far the feed is in this process, by audience: whoever waits for news is woken where there is some, and asks the
//! database no sooner.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::watch;

/// The last number that each audience was told.
type Numbers = Arc<HashMap<String, i64>>;

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct News(watch::Sender<Numbers>);

impl Default for News {
    fn default() -> Self {
        Self(watch::Sender::new(Numbers::default()))
    }
}

impl News {
    /// Some audiences were told something.
    pub fn tell(&self, newest: Vec<(String, i64)>) {
        self.0.send_modify(|numbers| {
            let numbers = Arc::make_mut(numbers);
            for (audience, number) in newest {
                let known = numbers.entry(audience).or_default();
                *known = number.max(*known);
            }
        });
    }

    /// Waits until one of the audiences was told something after a number.
    pub async fn past(&self, audiences: &[String], number: i64) {
        let mut told = self.0.subscribe();
        let is_past = |numbers: &Numbers| {
            let mut own = audiences.iter().filter_map(|one| numbers.get(one));
            own.any(|last| *last > number)
        };
        // The sender lives as long as this does: an error cannot be.
        drop(told.wait_for(is_past).await);
    }
}
