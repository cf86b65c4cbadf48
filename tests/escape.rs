//! A program that tries to get out of the box, and one that lies from within it. Started by `cargo test` it starts
//! itself again: each attempt once without walls, where it has to succeed, and once within, where it has to fail; and
//! under names of its own in the place of `jarchi-media`, to tell the server what is not so.

#![allow(clippy::unwrap_used, reason = "a test that panics has found something")]

use std::{
    fs::{self, File},
    io::Write,
    net::{TcpListener, TcpStream, UdpSocket},
    os::unix::net::UnixDatagram,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use rustix::process::Pid;

use jarchi::{
    error::Error,
    media::{Media, Program, keep, walls},
};

const LIMITS: walls::Limits = walls::Limits {
    memory: 4 << 30,
    seconds: 20,
    file_size: 1 << 20,
};

/// What an attempt is made on: a folder that is there, a port where something listens, the process that started it.
struct Target {
    folder: PathBuf,
    port: u16,
    parent: Pid,
}

type Attempt = fn(&Target) -> std::io::Result<()>;
type Lie = (&'static str, fn(&mut dyn Write), &'static str);

/// What a process may want of the world.
const ATTEMPTS: [(&str, Attempt); 14] = [
    ("read a file", |_| fs::read("/etc/passwd").map(drop)),
    ("list a folder", |_| fs::read_dir("/").map(drop)),
    ("open what it has once more", |_| {
        File::open("/proc/self/fd/0").map(drop)
    }),
    ("look at the server's memory", |to| {
        File::open(format!("/proc/{}/maps", to.parent.as_raw_nonzero())).map(drop)
    }),
    ("write a file", |to| {
        fs::write(to.folder.join("written"), "x")
    }),
    ("remove a file", |to| {
        fs::remove_file(to.folder.join("precious"))
    }),
    ("write without end", |to| {
        File::options()
            .write(true)
            .open(to.folder.join("long"))?
            .set_len(2 << 20)
    }),
    ("reach a port", |to| {
        TcpStream::connect(("127.0.0.1", to.port)).map(drop)
    }),
    ("listen at a port", |_| {
        TcpListener::bind(("127.0.0.1", 0)).map(drop)
    }),
    ("send a datagram", |_| {
        UdpSocket::bind(("127.0.0.1", 0)).map(drop)
    }),
    ("open a local socket", |_| UnixDatagram::unbound().map(drop)),
    ("start a program", |_| {
        Command::new("/bin/true").status().map(drop)
    }),
    ("signal the server", |to| {
        Ok(rustix::process::test_kill_process(to.parent)?)
    }),
    ("take 8 GiB", |_| {
        Vec::<u8>::new()
            .try_reserve_exact(8 << 30)
            .map_err(std::io::Error::other)
    }),
];

/// What a lying child says, by the name that it runs under, and what is made of it.
const LIES: [Lie; 8] = [
    (
        "nonsense",
        |out| say(out, "{\"made\":7}\n"),
        "made no sense",
    ),
    (
        "not-a-number",
        |out| say(out, "{\"progress\":NaN}\n"),
        "made no sense",
    ),
    (
        "too-large-a-number",
        |out| say(out, "{\"progress\":1e999}\n"),
        "made no sense",
    ),
    (
        "one-line-without-end",
        |out| while out.write_all(&[b'x'; 65_536]).is_ok() {},
        "made no sense",
    ),
    (
        "talk-without-end",
        |out| while out.write_all(b"{\"progress\":0.5}\n").is_ok() {},
        "made no sense",
    ),
    ("silence", |_| (), "broke down"),
    (
        "hang",
        |_| loop {
            std::thread::park();
        },
        "not done after 5 seconds",
    ),
    (
        "complaints-without-end",
        |_| while std::io::stderr().write_all(&[b'x'; 65_536]).is_ok() {},
        "not done after 5 seconds",
    ),
];

fn main() -> ExitCode {
    let mut words = std::env::args();
    let own = words.next().unwrap();
    let name = Path::new(&own).file_name().unwrap().to_str().unwrap();
    if LIES.iter().any(|(lie, _, _)| *lie == name) {
        return keep(lie);
    }
    if let (Some("attempt"), Some(walled), Some(what), Some(folder), Some(port)) = (
        words.next().as_deref(),
        words.next(),
        words.next(),
        words.next(),
        words.next(),
    ) {
        let target = Target {
            folder: folder.into(),
            port: port.parse().unwrap(),
            parent: rustix::process::getppid().unwrap(),
        };
        return attempt(&walled, &what, &target);
    }
    nothing_gets_out();
    no_lie_is_believed();
    ExitCode::SUCCESS
}

fn attempt(walled: &str, what: &str, target: &Target) -> ExitCode {
    if walled == "walled" {
        walls::raise(LIMITS).unwrap();
        std::thread::spawn(|| ())
            .join()
            .expect("threads are allowed");
    }
    let (_, act) = ATTEMPTS.iter().find(|(name, _)| *name == what).unwrap();
    match act(target) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn nothing_gets_out() {
    assert_eq!(walls::lacking(), None, "this kernel cannot prove the box");
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    for (what, _) in ATTEMPTS {
        for (walled, succeeds) in [("free", true), ("walled", false)] {
            for name in ["precious", "long"] {
                fs::write(folder.path().join(name), "x").unwrap();
            }
            let status = Command::new(std::env::current_exe().unwrap())
                .args(["attempt", walled, what])
                .arg(folder.path())
                .arg(&port)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .status()
                .unwrap();
            assert_eq!(status.success(), succeeds, "{what}, {walled}: {status}");
            assert_ne!(status.code(), Some(101), "{what}, {walled}: it panicked");
        }
    }
    println!("{} attempts to get out of the box failed", ATTEMPTS.len());
}

/// A child's whole work: to lie.
#[allow(clippy::unnecessary_wraps, reason = "the shape that a keeper wants")]
fn lie() -> Result<(), Error> {
    let own = std::env::args().next().unwrap();
    let (_, act, _) = LIES
        .iter()
        .find(|(name, _, _)| own.ends_with(name))
        .unwrap();
    act(&mut std::io::stdout());
    Ok(())
}

fn say(out: &mut dyn Write, line: &str) {
    out.write_all(line.as_bytes()).unwrap();
}

fn no_lie_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for (name, _, reason) in LIES {
        let exe = folder.path().join(name);
        std::os::unix::fs::symlink(std::env::current_exe().unwrap(), &exe).unwrap();
        let media = Media::new(
            exe,
            folder.path().join("scratch"),
            1,
            jiff::tz::TimeZone::UTC,
        );
        let program = Program {
            path: "/bin/true".into(),
            arguments: Vec::new(),
            folder: folder.path().into(),
        };
        let began = Instant::now();
        let error = runtime
            .block_on(media.run(program, Duration::from_secs(5), 1 << 20))
            .unwrap_err();
        assert!(
            matches!(error, Error::Unusable(_)) && error.to_string().contains(reason),
            "{name}: {error}"
        );
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "{name} was waited for"
        );
        assert_eq!(
            fs::read_dir(folder.path().join("scratch")).unwrap().count(),
            0,
            "{name}"
        );
        assert_eq!(of_this_name(name), 1, "of {name} only the keeper is left");
    }
    drop(runtime);
    println!("{} lies were not believed", LIES.len());
}

/// Processes that run under a name; a dead one that nobody took note of counts, too.
fn of_this_name(name: &str) -> usize {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter(|process| {
            let comm = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            !comm.is_empty() && name.starts_with(comm.trim())
        })
        .count()
}
