"""How many processors this process may really use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")


def usable_cores(allowed: int | None = None, cgroups: Path = CGROUPS, own: Path = OWN_CGROUP) -> int:
    """The smaller of the affinity mask and the CPU quota of the process's control groups, at least 1.

    allowed: cores of the affinity mask; asked of the system when None. A container with a quota of two cores on a
    large machine still sees all of its processors, and a pool of threads for all of them is four times slower.
    """
    cores = len(os.sched_getaffinity(0)) if allowed is None else allowed
    quotas = [quota for quota in _quotas(cgroups, own) if quota is not None]
    return max(1, int(min([cores, *quotas])))


def _quotas(cgroups: Path, own: Path) -> Iterator[float | None]:
    """Of the process's group and of all groups around it: version 2 (cpu.max), then version 1 (cpu.cfs_quota_us)."""
    for line in _read(own).splitlines():
        _, controllers, path = line.split(":", 2)
        inner = Path(path.lstrip("/"))
        for part in (inner, *inner.parents):
            if not controllers:
                yield _share(_read(cgroups / part / "cpu.max"))
            elif "cpu" in controllers.split(","):
                folder = cgroups / "cpu" / part
                quota, period = (_read(folder / f"cpu.cfs_{name}_us") for name in ("quota", "period"))
                yield _share(f"{quota} {period}")


def _share(text: str) -> float | None:
    """Cores from `quota period` in microseconds; None for `max`, -1 or nothing: no limit."""
    words = text.split()
    if len(words) != 2 or words[0] in {"max", "-1"}:
        return None
    return int(words[0]) / int(words[1])


def _read(path: Path) -> str:
    """Empty where there is no such file: another system or version of control groups."""
    try:
        return path.read_text()
    except (FileNotFoundError, NotADirectoryError):
        return ""
