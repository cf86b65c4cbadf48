//! Programs of the system in their box, started by the real `jarchi-media`: they read the system and their folder, write
//! there and nowhere else, reach no network, know nothing of the server's environment, and take all they started along.

use std::{
    io::Read,
    net::TcpListener,
    time::{Duration, Instant},
};

use jarchi::{error::Error, media::Program};

use super::World;

async fn shell(world: &World, script: &str, patience: Duration) -> Result<String, Error> {
    let folder = world.folder.path().join("work");
    std::fs::create_dir_all(&folder).unwrap();
    let program = Program {
        path: "/bin/sh".into(),
        arguments: vec!["-c".into(), script.into()],
        folder,
    };
    let mut out = String::new();
    world
        .media
        .run(program, patience, LONGEST)
        .await?
        .read_to_string(&mut out)
        .unwrap();
    Ok(out)
}

const SOON: Duration = Duration::from_secs(30);
const LONGEST: u64 = 4 << 20;

#[tokio::test]
async fn a_program_has_the_system_and_one_folder() {
    let world = World::new();
    let said = shell(
        &world,
        "echo words > here && cat here && ls /usr/share > /dev/null && pwd && env",
        SOON,
    )
    .await
    .unwrap();
    let work = world.folder.path().join("work");
    assert!(
        said.starts_with(&format!("words\n{}\n", work.display())),
        "{said}"
    );
    let variables = said
        .lines()
        .skip(2)
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name);
    assert!(
        variables.into_iter().all(|name| [
            "HOME", "LANG", "PATH", "PWD", "TMPDIR", "_", "SHLVL", "OLDPWD"
        ]
        .contains(&name)),
        "{said}"
    );
}

#[tokio::test]
async fn a_program_gets_nowhere_else() {
    let world = World::new();
    let secret = world.folder.path().join("secret");
    std::fs::write(&secret, "secret").unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::process::id();
    let socket = world.folder.path().join("socket");
    let unix = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    unix.set_nonblocking(true).unwrap();
    for script in [
        format!("cat {}", secret.display()),
        "cat /etc/passwd".into(),
        "ls /".into(),
        format!("echo x > {}", secret.display()),
        "echo x > /tmp/written-by-a-boxed-program".into(),
        format!("curl --silent --max-time 5 http://{address}/"),
        format!(
            "curl --silent --max-time 5 --unix-socket {} http://x/",
            socket.display()
        ),
        "perl -MSocket -e 'socket(A, AF_INET, SOCK_DGRAM, 0) or exit 1'".into(),
        "perl -MSocket -e 'socketpair(A, B, AF_UNIX, SOCK_DGRAM, PF_UNSPEC) or exit 1'".into(),
        format!("cat /proc/{server}/environ"),
        format!("kill -0 {server}"),
        "setsid true".into(),
        "unshare --user true".into(),
    ] {
        let ended = shell(&world, &script, SOON).await;
        assert!(
            matches!(ended, Err(Error::Unusable(_))),
            "{script}: {ended:?}"
        );
    }
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), "secret");
    assert!(listener.accept().is_err(), "somebody came");
    assert!(unix.accept().is_err(), "somebody came");
}

#[tokio::test]
async fn a_program_and_all_that_it_started_ends() {
    let world = World::new();
    let began = Instant::now();
    let error = shell(
        &world,
        "sleep 7654321 & sleep 7654321",
        Duration::from_secs(1),
    )
    .await
    .unwrap_err();
    assert!(
        error.to_string().contains("not done after 1 seconds"),
        "{error}"
    );
    shell(&world, "sleep 7654321 & sleep 7654321 & echo done", SOON)
        .await
        .unwrap();
    assert!(began.elapsed() < SOON);
    crate::world::until("no sleeper is left", async || {
        (sleepers() == 0).then_some(())
    })
    .await;
}

fn sleepers() -> usize {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let words = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    words
        .filter(|words| {
            words.windows(7).any(|window| window == b"7654321") && words.starts_with(b"sleep")
        })
        .count()
}

#[tokio::test]
async fn a_program_that_writes_without_end_is_stopped() {
    let world = World::new();
    let error = shell(&world, "exec cat /dev/zero", Duration::from_mins(1))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unusable(_)), "{error}");
}
