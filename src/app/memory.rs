//! The manners of the C library's allocator. Left alone, it gives each thread an arena and keeps in each what was freed:
//! a hundred uploads of ten megabytes left 300 MiB with a process that needed 40. Two arenas are as fast here, and when
//! nothing changes, what lies free goes back to the system. Other C libraries than glibc have no such calls.

/// Two arenas for all threads. To be called before the first of them starts.
#[cfg(target_env = "gnu")]
#[allow(unsafe_code, reason = "no safe interface offers glibc's mallopt")]
pub fn bound() {
    const ARENAS: libc::c_int = 2;
    // SAFETY: mallopt takes two plain numbers, and no other thread runs yet. A refusal leaves the default.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, ARENAS) };
}

/// Gives back what was freed and is kept for later. Takes a millisecond or two.
#[cfg(target_env = "gnu")]
#[allow(unsafe_code, reason = "no safe interface offers glibc's malloc_trim")]
pub fn give_back() {
    // SAFETY: malloc_trim takes a plain number, may be called from any thread, and touches free memory alone.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(target_env = "gnu"))]
pub fn bound() {}

#[cfg(not(target_env = "gnu"))]
pub fn give_back() {}
