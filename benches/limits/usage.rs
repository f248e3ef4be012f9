//! What a process has used: time of a processor, memory. From the kernel's own books.

use std::fs;
use std::time::Duration;

/// The processor time of all threads of a process so far, in nanoseconds' steps. What is on a core at this moment may lack its
/// last milliseconds: read it when the process rests. A thread that has ended counts no more, so none may end in between.
pub fn cpu(process: u32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).expect("the process runs");
    let nanos = tasks.map(|task| {
        let text = fs::read_to_string(task.expect("a thread").path().join("schedstat")).unwrap_or_default();
        text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
    });
    Duration::from_nanos(nanos.sum())
}

/// The memory that a process has now, in bytes.
pub fn memory(process: u32) -> u64 {
    status(process, "VmRSS:")
}

/// The most memory that a process has ever had, in bytes.
pub fn memory_peak(process: u32) -> u64 {
    status(process, "VmHWM:")
}

fn status(process: u32, name: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).expect("the process runs");
    let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("a line about memory");
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kib * 1_024
}
