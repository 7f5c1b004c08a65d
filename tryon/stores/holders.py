"""Names of the processes that hold leases, and whether they still run."""

from __future__ import annotations

import os
import socket
from pathlib import Path

OVERDUE_SECONDS = 3600.0
"""So long after its lease ended a holder on another machine is taken for dead."""


def lease_holder() -> str:
    """Names the process, so that the lease of a killed one on this machine lapses at once. Its start time tells it
    apart from a later process with the same number, which containers give out again and again."""
    return f"{socket.gethostname()}:{os.getpid()}.{_started(os.getpid())}"


def holder_lives(holder: str) -> bool | None:
    """Whether the process that a lease names still runs; None when it cannot be known from this machine."""
    host, process = (*holder.split(":"), "")[:2]
    pid, _, started = process.partition(".")
    if host == socket.gethostname() and pid.isdigit() and _started(os.getpid()):
        return _started(int(pid)) == started
    return None


def _started(pid: int) -> str:
    """Field 22 of /proc/<pid>/stat, in clock ticks since boot; empty when there is no such process, or no /proc."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[19]
