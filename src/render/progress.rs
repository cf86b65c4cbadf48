//! How far a long pass is, written down while it runs, for editors who watch. Nothing depends on it: what cannot be
//! written is left out.

use std::time::Duration;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use tokio::sync::watch;

use crate::{
    app::App,
    db::{originals, renditions},
    error::Result,
    terms::{Processing, RenditionState},
};

/// Between two notes.
const PAUSE: Duration = Duration::from_secs(1);

/// Writes down what `told` says of the pass over `presets`, from 0 to 1, until it is dropped.
pub async fn note(
    app: &App,
    original: &originals::Model,
    presets: &[String],
    mut told: watch::Receiver<f32>,
) -> std::convert::Infallible {
    while told.changed().await.is_ok() {
        let part = f64::from(*told.borrow_and_update());
        if let Err(error) = write(app, original, presets, part).await {
            tracing::debug!(%error, "how far a rendition is was not written down");
        }
        tokio::time::sleep(PAUSE).await;
    }
    // The pass is over: whoever runs both hears of its result.
    std::future::pending().await
}

async fn write(
    app: &App,
    original: &originals::Model,
    presets: &[String],
    part: f64,
) -> Result<()> {
    let all = renditions::Entity::find()
        .filter(renditions::Column::MaterialId.eq(original.material_id))
        .filter(renditions::Column::Number.eq(original.number))
        .all(app.db.read())
        .await?;
    let is_open = |made: &&renditions::Model| made.state == RenditionState::Pending;
    let open: Vec<_> = all.iter().filter(is_open).collect();
    let mine = open
        .iter()
        .filter(|made| presets.contains(&made.name))
        .count();
    let done = (all.len() - open.len()) as f64 + part * mine as f64;
    let progress = done / all.len().max(1) as f64;
    let tx = app.db.begin().await?;
    originals::Entity::update_many()
        .col_expr(originals::Column::Progress, Expr::value(progress))
        .filter(originals::Column::MaterialId.eq(original.material_id))
        .filter(originals::Column::Number.eq(original.number))
        .filter(originals::Column::Processing.eq(Processing::Running))
        .filter(originals::Column::Progress.lt(progress))
        .exec(&tx)
        .await?;
    Ok(tx.commit().await?)
}
