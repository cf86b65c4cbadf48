//! A proxy that stands between the server and what it leans on, and lets it down in a chosen way. It speaks HTTP just far
//! enough: one request a connection. What it does by chance, it does by its seed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// How it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Fair,
    /// Nobody is there.
    Away,
    /// Each answer waits for so long.
    Slow(Duration),
    /// A third of the requests are told to come later.
    Busy,
    /// A third of the answers break off in their middle.
    Cut,
    /// A third of the answers are 200 and have another body.
    Wrong,
    /// Bytes pass whatever they are: for what is no HTTP.
    Raw,
    /// Neither side hears of the other, and no line is closed.
    Parted,
    /// The lines that are there are dead for ever, and new ones pass: another host has taken the address.
    Replaced,
}

pub struct Chaos {
    port: u16,
    mood: watch::Sender<Mood>,
}

impl Chaos {
    /// In front of a port of this machine.
    pub async fn before(target: u16, seed: u64, mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (tell, told) = watch::channel(mood);
        let dice = Arc::new(AtomicU64::new(seed | 1));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, target, told.clone(), Arc::clone(&dice)));
            }
        });
        Self { port, mood: tell }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn be(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }
}

/// Whether the dice fall so, one time in three (xorshift64).
fn falls(dice: &AtomicU64) -> bool {
    let next = dice.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |mut state| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Some(state)
    });
    next.unwrap_or(1).is_multiple_of(3)
}

async fn pass(
    mut client: TcpStream,
    target: u16,
    mut told: watch::Receiver<Mood>,
    dice: Arc<AtomicU64>,
) -> Option<()> {
    let mood = *told.borrow_and_update();
    if mood == Mood::Away {
        return None;
    }
    let mut server = TcpStream::connect(("127.0.0.1", target)).await.ok()?;
    if matches!(mood, Mood::Raw | Mood::Parted | Mood::Replaced) {
        return raw(client, server, told).await;
    }
    let head = head(&mut client).await?;
    let falls = falls(&dice);
    if mood == Mood::Busy && falls {
        let body = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";
        return refuse(&mut client, "503 Slow Down", body).await;
    }
    if mood == Mood::Wrong && falls {
        return refuse(&mut client, "200 OK", "<html>Welcome to the hotel!</html>").await;
    }
    server.write_all(&head).await.ok()?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let sending = tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
    });
    if let Mood::Slow(pause) = mood {
        tokio::time::sleep(pause).await;
    }
    if mood == Mood::Cut && falls {
        let mut some = (&mut from_server).take(5000);
        let _ = tokio::io::copy(&mut some, &mut to_client).await;
    } else {
        let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
    }
    sending.abort();
    Some(())
}

/// The head of a request, asking for one answer alone.
async fn head(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.ok()?);
    }
    head.truncate(head.len() - 2);
    head.extend(b"Connection: close\r\n\r\n");
    Some(head)
}

/// Answers without asking; the body of the request is heard first, as far as it comes at once.
async fn refuse(client: &mut TcpStream, status: &str, body: &str) -> Option<()> {
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut heard = vec![0; 1 << 16];
    while let Ok(Ok(1..)) =
        tokio::time::timeout(Duration::from_millis(30), client.read(&mut heard)).await
    {}
    client.write_all(answer.as_bytes()).await.ok()
}

async fn raw(client: TcpStream, server: TcpStream, mut told: watch::Receiver<Mood>) -> Option<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let (mut one, mut two) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        if told.has_changed().ok()? && *told.borrow_and_update() == Mood::Replaced {
            std::future::pending::<()>().await;
        }
        let parted = *told.borrow() == Mood::Parted;
        tokio::select! {
            read = from_client.read(&mut one), if !parted => {
                let read = read.ok().filter(|read| *read > 0)?;
                to_server.write_all(&one[..read]).await.ok()?;
            }
            read = from_server.read(&mut two), if !parted => {
                let read = read.ok().filter(|read| *read > 0)?;
                to_client.write_all(&two[..read]).await.ok()?;
            }
            changed = async { told.clone().changed().await } => changed.ok()?,
        }
    }
}
