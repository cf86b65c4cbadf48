//! The keeper, seen from within: it waits for orders on its standard input, forks a child for each, kills
//! those that the server has let go of, and reports how each ended. One thread, and no foreign byte: what it bears is as
//! clean as a process just started.

use std::{
    io::{IoSliceMut, Write},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    process::ExitCode,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg},
    process::{
        Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, getppid, kill_process_group, pidfd_open,
        set_parent_process_death_signal, setpgid, waitid,
    },
    stdio::{dup2_stderr, dup2_stdin, dup2_stdout},
};

use super::{keeper::Report, wire::MOST_FILES};
use crate::error::Error;

/// A keeper that bears nobody for so long goes home; the next one is a start of 50 ms away.
const BOREDOM: Timespec = Timespec {
    tv_sec: 300,
    tv_nsec: 0,
};

/// A child at work.
struct Ward {
    pid: Pid,
    process: OwnedFd,
    /// To the server, which closes its end to have the child killed.
    report: UnixStream,
    doomed: bool,
}

/// Bears children until nobody wants any; each does `work`, with a socket to the server as its standard input and output.
#[must_use]
pub fn keep(work: fn() -> Result<(), Error>) -> ExitCode {
    let (mut wards, mut wanted) = (Vec::new(), true);
    while wanted || !wards.is_empty() {
        let served = match wait(&wards, wanted) {
            Ok(Some((ordered, ended))) => {
                wards = look_after(wards, &ended);
                if ordered {
                    order(&mut wards, &mut wanted, work)
                } else {
                    Ok(())
                }
            }
            Ok(None) => return ExitCode::SUCCESS,
            Err(cause) => Err(cause),
        };
        if let Err(cause) = served {
            eprintln!("the keeper of media children: {cause}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// What a look at a ward found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    AtWork,
    LetGo,
    Ended,
}

/// Waits for an order, an end or the server's loss of interest; `None` from boredom.
fn wait(wards: &[Ward], wanted: bool) -> Result<Option<(bool, Vec<Seen>)>, Errno> {
    let stdin = std::io::stdin();
    let mut ends: Vec<PollFd> = Vec::new();
    if wanted {
        ends.push(PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::IN));
    }
    for ward in wards {
        ends.push(PollFd::new(&ward.process, PollFlags::IN));
        let still = if ward.doomed {
            PollFlags::empty()
        } else {
            PollFlags::IN
        };
        ends.push(PollFd::new(&ward.report, still));
    }
    let patience = wards.is_empty().then_some(&BOREDOM);
    loop {
        match poll(&mut ends, patience) {
            Err(Errno::INTR) => {}
            Ok(0) => return Ok(None),
            Ok(_) => break,
            Err(cause) => return Err(cause),
        }
    }
    let mut happened = ends.iter().map(|end| !end.revents().is_empty());
    let ordered = wanted && happened.next().unwrap_or(false);
    let happened: Vec<bool> = happened.collect();
    let seen = happened.chunks(2).map(|ward| match ward {
        [true, _] => Seen::Ended,
        [false, true] => Seen::LetGo,
        _ => Seen::AtWork,
    });
    Ok(Some((ordered, seen.collect())))
}

/// Kills whom the server let go of, and reports who ended; the rest stay.
fn look_after(wards: Vec<Ward>, seen: &[Seen]) -> Vec<Ward> {
    let mut left = Vec::new();
    for (mut ward, seen) in wards.into_iter().zip(seen) {
        match seen {
            Seen::Ended => {
                bury(&ward);
                continue;
            }
            Seen::LetGo if !ward.doomed => {
                ward.doomed = true;
                // One that is gone already needs no killing.
                let _ = kill_process_group(ward.pid, Signal::KILL);
            }
            _ => {}
        }
        left.push(ward);
    }
    left
}

/// Ends what a dead child may have started, while its number is still its own, and reports how it ended.
fn bury(ward: &Ward) {
    let _ = kill_process_group(ward.pid, Signal::KILL);
    let status = waitid(WaitId::PidFd(ward.process.as_fd()), WaitIdOptions::EXITED);
    let report = match status {
        Ok(Some(status)) => match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Report::Exited(code),
            (_, Some(signal)) => Report::Killed(signal),
            _ => return,
        },
        _ => return,
    };
    say(&ward.report, report);
}

/// A server that no longer listens has no use for a report.
fn say(mut to: &UnixStream, report: Report) {
    if let Ok(line) = serde_json::to_string(&report) {
        let _ = to.write_all(format!("{line}\n").as_bytes());
    }
}

/// Takes an order from the server: three sockets, for the talk, for reports and for complaints.
fn order(
    wards: &mut Vec<Ward>,
    wanted: &mut bool,
    work: fn() -> Result<(), Error>,
) -> Result<(), Errno> {
    let mut byte = [0];
    let files = match receive(std::io::stdin().as_fd(), &mut byte)? {
        (0, _) => {
            *wanted = false;
            return Ok(());
        }
        (_, files) => files,
    };
    let Ok([talk, report, complaints]) = <[OwnedFd; 3]>::try_from(files) else {
        return Ok(());
    };
    let report = UnixStream::from(report);
    match fork() {
        Ok(Some(pid)) => {
            let process = pidfd_open(pid, PidfdFlags::empty())?;
            say(&report, Report::Born);
            wards.push(Ward {
                pid,
                process,
                report,
                doomed: false,
            });
            Ok(())
        }
        Ok(None) => {
            // What belongs to the keeper and to other children is no business of this one.
            wards.clear();
            drop(report);
            settle(&talk, &complaints)?;
            drop((talk, complaints));
            let served = work();
            if let Err(error) = &served {
                eprintln!("{error}");
            }
            std::process::exit(i32::from(served.is_err()))
        }
        Err(cause) => {
            say(&report, Report::Stillborn(cause.raw_os_error()));
            Ok(())
        }
    }
}

/// This process twice; `None` is what the second gets.
fn fork() -> Result<Option<Pid>, Errno> {
    #[allow(unsafe_code, reason = "no safe interface to fork(2) exists")]
    // SAFETY: this process has one thread, so that no lock is left held by a thread that the child does not have.
    let pid = unsafe { libc::fork() };
    match pid {
        -1 => Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::AGAIN)),
        pid => Ok(Pid::from_raw(pid)),
    }
}

/// Makes a newborn process one of its own: a group to be killed by, an end with its keeper, and its sockets in place.
fn settle(talk: &OwnedFd, complaints: &OwnedFd) -> Result<(), Errno> {
    let keeper = getppid();
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if getppid() != keeper {
        return Err(Errno::SRCH);
    }
    setpgid(None, None)?;
    dup2_stdin(talk)?;
    dup2_stdout(talk)?;
    dup2_stderr(complaints)
}

/// One message with the files that came with it, none of which a program inherits that is started.
pub fn receive(from: BorrowedFd, bytes: &mut [u8]) -> Result<(usize, Vec<OwnedFd>), Errno> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_FILES))];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    let mut into = [IoSliceMut::new(bytes)];
    let message = loop {
        match recvmsg(from, &mut into, &mut beside, RecvFlags::CMSG_CLOEXEC) {
            Err(Errno::INTR) => {}
            message => break message?,
        }
    };
    let files = beside.drain().flat_map(|one| match one {
        RecvAncillaryMessage::ScmRights(files) => files.collect(),
        _ => Vec::new(),
    });
    Ok((message.bytes, files.collect()))
}
