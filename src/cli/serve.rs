//! `jarchi serve`: the service in the foreground, until it is asked to end.

use std::{
    net::{SocketAddr, TcpListener},
    process::ExitCode,
};

use tokio::sync::watch;

use super::{
    asked_to_end, held_by_another,
    node::{Doors, Node},
    say, token,
};
use crate::{
    config::Config,
    error::{Code, Error, Result},
};

/// Serves until SIGTERM or SIGINT; a second one ends it at once.
pub async fn serve(config: Config, with_worker: bool) -> Result<ExitCode> {
    let folder = config.data_dir.clone();
    let metrics_at = config.metrics_listen;
    let listen_at = config.listen;
    let node = Node::open(config).await?;
    let mut node = node.ok_or_else(|| held_by_another(&folder))?;
    let doors = Doors {
        tcp: Some(listen(listen_at)?),
        metrics: metrics_at.map(listen).transpose()?,
    };
    let address = match &doors.tcp {
        Some(listener) => listener.local_addr().unwrap_or(listen_at),
        None => listen_at,
    };
    let made = node.made.take();
    let (tell, stop) = watch::channel(false);
    let mut running = tokio::spawn(node.run(doors, with_worker, stop));

    say(&format!("Jarchi serves http://{address}"))?;
    say(&format!("Try the API at  http://{address}/docs"))?;
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

fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| {
        Error::refused(
            Code::Busy,
            format!("{address} cannot be listened on: {error}"),
        )
    })
}
