//! `jarchi import`: a folder comes in. Every file is digested, asked for, and sent where its bytes are not there yet, over
//! the socket of the process that holds the data folder; where none does, this process is the service until what it
//! brought in is processed. Run twice, it adds nothing twice. It ends with 0 where every file is there now, with 2 where
//! some were left out.

use std::{path::Path, process::ExitCode};

use tokio::{sync::watch, task::JoinHandle};

use super::{
    asked_to_end,
    node::{Node, Role},
    socket::Way,
    token,
};
use crate::{
    config::Config,
    error::{Code, Error, Result},
};

mod client;
mod display;
mod event;
mod files;
mod sending;
mod settling;

use client::Client;
use display::Display;

/// What is left out where some file is.
const SOME_LEFT_OUT: u8 = 2;

pub async fn import(config: Config, folder: &Path, event: Option<String>) -> Result<ExitCode> {
    let found = files::find(folder, &config.data_dir)?;
    let service = Service::reach(config.clone()).await?;
    let client = Client::new(service.way.path(), &token::read(&config)?)?;
    let done = tokio::select! {
        done = work(&client, found, event, service.own.is_some()) => done,
        asked = asked_to_end() => asked.and(Err(Error::refused(
            Code::Busy,
            "stopped; what is not there yet comes with the next import",
        ))),
    };
    service.end().await?;
    done
}

async fn work(
    client: &Client,
    found: files::Found,
    event: Option<String>,
    is_own: bool,
) -> Result<ExitCode> {
    let event = match event {
        Some(event) => Some(event::find(client, &event).await?),
        None => None,
    };
    let mut display = Display::new(&found);
    let added = sending::send(client, found, event.as_deref(), &mut display).await?;
    if is_own {
        settling::wait(client, added, &mut display).await?;
    }
    let all_there = display.end()?;
    Ok(if all_there {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(SOME_LEFT_OUT)
    })
}

/// The service that takes the files: another process, or this one.
struct Service {
    way: Way,
    own: Option<(watch::Sender<bool>, JoinHandle<Result<()>>)>,
}

impl Service {
    async fn reach(config: Config) -> Result<Self> {
        let folder = config.data_dir.clone();
        let own = Node::open(config, Role::Command).await?.map(|node| {
            let (tell, stop) = watch::channel(false);
            (tell, tokio::spawn(node.run(stop)))
        });
        let way = Way::to(&folder)?;
        if own.is_none() && !way.is_open() {
            let words = "the Jarchi that holds the data folder does not listen; it may be starting or stopping: try again";
            return Err(Error::refused(Code::Busy, words));
        }
        Ok(Self { way, own })
    }

    async fn end(self) -> Result<()> {
        let Some((tell, running)) = self.own else {
            return Ok(());
        };
        tell.send_replace(true);
        running
            .await
            .map_err(|error| Error::internal("the service", error))?
    }
}
