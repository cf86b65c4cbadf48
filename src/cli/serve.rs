//! `jarchi serve` and `jarchi work`: the service in the foreground, until it is asked to end.

use std::process::ExitCode;

use tokio::sync::watch;

use super::{
    asked_to_end, held_by_another,
    node::{Node, Role},
    say, token,
};
use crate::{
    config::Config,
    error::{Error, Result},
};

/// Serves, works or both, until SIGTERM or SIGINT; a second one ends it at once.
pub async fn serve(config: Config, role: Role) -> Result<ExitCode> {
    let folder = config.data_dir.clone();
    let node = Node::open(config, role).await?;
    let mut node = node.ok_or_else(|| held_by_another(&folder))?;
    let address = node.address();
    let made = node.made.take();
    let (tell, stop) = watch::channel(false);
    let mut running = tokio::spawn(node.run(stop));

    match address {
        Some(address) => {
            say(&format!("Jarchi serves http://{address}"))?;
            say(&format!("Try the API at http://{address}/docs"))?;
        }
        None => say("Jarchi works")?,
    }
    if let Some(secret) = made {
        let kept = token::place(&folder);
        say(&format!(
            "The administrator's token, kept in {}:\n{secret}",
            kept.display()
        ))?;
    }
    tokio::select! {
        ended = &mut running => return landed(ended),
        asked = asked_to_end() => asked?,
    }
    tracing::info!("asked to end: no new work is taken");
    tell.send_replace(true);
    tokio::select! {
        ended = running => landed(ended),
        asked = asked_to_end() => {
            asked?;
            Ok(ExitCode::FAILURE)
        }
    }
}

fn landed(ended: Result<Result<()>, tokio::task::JoinError>) -> Result<ExitCode> {
    ended.map_err(|error| Error::internal("the service", error))??;
    Ok(ExitCode::SUCCESS)
}
