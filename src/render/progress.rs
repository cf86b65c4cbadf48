//! How far the renditions of an original are, from 0 to 1, and how a long pass writes its part down while it runs, for
//! editors who watch. Nothing depends on that: what cannot be written is left out.

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

/// Of all renditions those that wait for nothing any more.
pub fn of(all: &[renditions::Model]) -> f64 {
    share(
        all.iter().filter(|made| !is_pending(made)).count(),
        all.len(),
    )
}

fn is_pending(made: &renditions::Model) -> bool {
    made.state == RenditionState::Pending
}

#[expect(
    clippy::cast_precision_loss,
    reason = "there are a dozen renditions at most"
)]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

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
    let mine = |made: &&renditions::Model| is_pending(made) && presets.contains(&made.name);
    let progress = of(&all) + part * share(all.iter().filter(mine).count(), all.len());
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
