//! What a process may ask of the kernel, by seccomp (seccomp(2)). A decoder gets a list of what decoders need: bytes of
//! descriptors in hand, memory that is not code, threads, clocks. Anything else fails with EPERM, and does not kill: a
//! library of next year that tries something new finds its way round, and who means harm gains nothing by an error.

use std::{collections::BTreeMap, io};

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, apply_filter,
};

use crate::error::{Error, Result};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// What decoders may do whatever the arguments are.
const HARMLESS: [i64; 56] = [
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_lseek,
    libc::SYS_fstat,
    libc::SYS_ftruncate,
    libc::SYS_fallocate,
    libc::SYS_fadvise64,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_copy_file_range,
    libc::SYS_fcntl,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_close,
    libc::SYS_ppoll,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_brk,
    libc::SYS_madvise,
    // Not implemented, see `OLD_WAY`.
    libc::SYS_clone3,
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_rseq,
    libc::SYS_membarrier,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_getparam,
    libc::SYS_sched_getscheduler,
    libc::SYS_getcpu,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_gettimeofday,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Names that only this architecture has for the same things.
#[cfg(target_arch = "x86_64")]
const OF_OLD: &[i64] = &[libc::SYS_poll, libc::SYS_getrlimit, libc::SYS_time];
#[cfg(not(target_arch = "x86_64"))]
const OF_OLD: &[i64] = &[];

/// What no program that reads a document needs: other processes, the machine, to reach anybody, a way out of its process
/// group, and the parts of the kernel that its holes are found in.
const DANGEROUS: [i64; 63] = [
    libc::SYS_connect,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_kcmp,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_setsid,
    libc::SYS_setpgid,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsmount,
    libc::SYS_fsconfig,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_acct,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_fanotify_init,
    libc::SYS_personality,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    libc::SYS_lookup_dcookie,
    libc::SYS_nfsservctl,
    libc::SYS_mbind,
    libc::SYS_set_mempolicy,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    libc::SYS_vmsplice,
];

/// The second set of numbers for the same calls that some kernels take on x86-64 (`__X32_SYSCALL_BIT`); unused elsewhere.
const X32: i64 = 0x4000_0000;

/// Leaves this thread, and those it starts, what decoders need.
pub fn only_those_of_decoders() -> Result<()> {
    the_old_way()?;
    let refused = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    allowed()
        .and_then(|rules| program(rules, refused, SeccompAction::Allow))
        .map_err(|cause| failed(&cause))
        .and_then(|filter| raise(&filter))
}

/// Leaves a program of the system, and those it starts, all but what is dangerous.
pub fn all_but_the_dangerous() -> Result<()> {
    the_old_way()?;
    let refused = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    forbidden()
        .and_then(|rules| program(rules, SeccompAction::Allow, refused))
        .map_err(|cause| failed(&cause))
        .and_then(|filter| raise(&filter))
}

/// clone3(2) has its flags in memory, where no filter can see them. Told that there is no such call, the C library
/// takes clone(2). Raised first: the other walls let no wall be raised.
fn the_old_way() -> Result<()> {
    let missing = SeccompAction::Errno(libc::ENOSYS.cast_unsigned());
    let rules = both(libc::SYS_clone3).map(|call| (call, Vec::new())).into();
    program(rules, SeccompAction::Allow, missing)
        .map_err(|cause| failed(&cause))
        .and_then(|filter| raise(&filter))
}

fn allowed() -> Result<Rules, BackendError> {
    let every = HARMLESS.iter().chain(OF_OLD);
    let mut rules: Rules = every.map(|call| (*call, Vec::new())).collect();
    let execute = u64::from(libc::PROT_EXEC.cast_unsigned());
    let thread = u64::from(libc::CLONE_THREAD.cast_unsigned());
    let empty_path = u64::from(libc::AT_EMPTY_PATH.cast_unsigned());
    let own = u64::from(std::process::id());
    let name = u64::from(libc::PR_SET_NAME.cast_unsigned());
    let only = [
        // Memory is data or it is code.
        (libc::SYS_mmap, 2, SeccompCmpOp::MaskedEq(execute), 0),
        (libc::SYS_mprotect, 2, SeccompCmpOp::MaskedEq(execute), 0),
        // A thread, and never a process.
        (libc::SYS_clone, 0, SeccompCmpOp::MaskedEq(thread), thread),
        // Of a descriptor, for which the path is empty.
        (
            libc::SYS_newfstatat,
            3,
            SeccompCmpOp::MaskedEq(empty_path),
            empty_path,
        ),
        (
            libc::SYS_statx,
            2,
            SeccompCmpOp::MaskedEq(empty_path),
            empty_path,
        ),
        // What abort(3) does.
        (libc::SYS_tgkill, 0, SeccompCmpOp::Eq, own),
        (libc::SYS_prctl, 0, SeccompCmpOp::Eq, name),
    ];
    for (call, argument, comparison, value) in only {
        rules.insert(call, vec![rule(argument, comparison, value)?]);
    }
    // To ask for a limit, of oneself; to set one has a third argument.
    let unset = SeccompCondition::new(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0)?;
    rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![unset])?]);
    Ok(rules)
}

fn forbidden() -> Result<Rules, BackendError> {
    let dangerous = DANGEROUS.iter().flat_map(|call| both(*call));
    let mut rules: Rules = dangerous.map(|call| (call, Vec::new())).collect();
    let namespaces = libc::CLONE_NEWNS
        | libc::CLONE_NEWUSER
        | libc::CLONE_NEWPID
        | libc::CLONE_NEWNET
        | libc::CLONE_NEWIPC
        | libc::CLONE_NEWUTS
        | libc::CLONE_NEWCGROUP;
    let each = (0..u32::BITS)
        .map(|bit| 1_u64 << bit)
        .filter(|flag| u64::from(namespaces.cast_unsigned()) & flag != 0);
    let new = each.map(|flag| rule(0, SeccompCmpOp::MaskedEq(flag), flag));
    let new: Vec<SeccompRule> = new.collect::<Result<_, _>>()?;
    // Landlock, which lets it write in one folder alone, does not speak up here.
    let write = u64::from(libc::W_OK.cast_unsigned());
    let for_writing = |argument| Ok(vec![rule(argument, SeccompCmpOp::Eq, write)?]);
    let mut only = vec![
        (libc::SYS_clone, new),
        (libc::SYS_socket, all_but_streams()?),
        (libc::SYS_socketpair, all_but_streams()?),
        (libc::SYS_faccessat, for_writing(2)?),
        (libc::SYS_faccessat2, for_writing(2)?),
    ];
    #[cfg(target_arch = "x86_64")]
    only.push((libc::SYS_access, for_writing(1)?));
    for (call, conditions) in only {
        rules.extend(both(call).map(|call| (call, conditions.clone())));
    }
    Ok(rules)
}

/// `LibreOffice` does not start where it cannot wait for others of its sort at a socket of its own. A Unix stream socket
/// reaches nobody who is not connected to, and to connect is forbidden; datagrams go anywhere without.
fn all_but_streams() -> Result<Vec<SeccompRule>, BackendError> {
    const SORTS: u64 = 0xf;
    let families = rule(
        0,
        SeccompCmpOp::Ne,
        u64::from(libc::AF_UNIX.cast_unsigned()),
    );
    let stream = u64::from(libc::SOCK_STREAM.cast_unsigned());
    let others = (0..=SORTS).filter(|sort| *sort != stream);
    let sorts = others.map(|sort| rule(1, SeccompCmpOp::MaskedEq(SORTS), sort));
    std::iter::once(families).chain(sorts).collect()
}

/// A call by each of its numbers.
const fn both(call: i64) -> [i64; 2] {
    [call, call | X32]
}

/// The flags that matter stand in the lower half of each argument, of which the kernel ignores the upper.
fn rule(argument: u8, comparison: SeccompCmpOp, value: u64) -> Result<SeccompRule, BackendError> {
    let length = SeccompCmpArgLen::Dword;
    SeccompRule::new(vec![SeccompCondition::new(
        argument, length, comparison, value,
    )?])
}

fn program(
    rules: Rules,
    otherwise: SeccompAction,
    matched: SeccompAction,
) -> Result<BpfProgram, BackendError> {
    let here = TargetArch::try_from(std::env::consts::ARCH)?;
    SeccompFilter::new(rules, otherwise, matched, here)?.try_into()
}

/// Where the kernel has no such wall, the child does without; the server said so when it started.
fn raise(filter: &BpfProgram) -> Result<()> {
    match apply_filter(filter) {
        Err(seccompiler::Error::Seccomp(cause))
            if matches!(cause.raw_os_error(), Some(libc::ENOSYS | libc::EINVAL)) =>
        {
            Ok(())
        }
        Err(cause) => Err(failed(&cause)),
        Ok(()) => Ok(()),
    }
}

fn failed(cause: &dyn std::error::Error) -> Error {
    Error::internal(
        "seccomp round a media child",
        io::Error::other(cause.to_string()),
    )
}

/// The kernel names what a filter may answer where it has filters at all.
pub fn lacking() -> Option<&'static str> {
    let known = std::fs::read_to_string("/proc/sys/kernel/seccomp/actions_avail");
    let there = known.is_ok_and(|actions| actions.split_whitespace().any(|one| one == "errno"));
    (!there).then_some("seccomp, which closes the rest of the kernel (CONFIG_SECCOMP_FILTER)")
}
