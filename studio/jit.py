"""The one place that knows numba: the decorator of every compiled function of the renderer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def _sources_digest() -> str:
    """Digest of the studio's sources; numba itself only notices changes in a function's own file."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


numba.config.CACHE_DIR = str(  # type: ignore[attr-defined]
    # Half a minute of compiling: a folder that outlives a restart.
    Path.home() / ".cache/fashion-assets" / f"studio-kernels-{_sources_digest()}"
)


def kernel(function: Kernel) -> Kernel:
    """Compile `function` without the GIL, so that threads can share one picture; cached between processes."""
    return cast(Kernel, numba.njit(fastmath=True, nogil=True, cache=True, error_model="numpy")(function))
