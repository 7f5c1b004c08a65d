"""PLY to SOG with PlayCanvas' splat-transform, a command line tool on node: a splat 4 to 17 times smaller.

An outside system: an optional program, run without a shell and without our environment (it has keys in it), bounded
in time and memory; what it wrote is looked at before it is believed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tryon.core.errors import PackageMissing, SplatNotConverted

PACKAGE, VERSION = "@playcanvas/splat-transform", "2.7.1"
INSTALL = f"npm install -g --ignore-scripts {PACKAGE}@{VERSION}"
"""Its dependency webgpu has an install script that only GPU conversion needs."""
CLI = Path("bin/cli.mjs")
TIMEOUT_S = 600.0
"""1,179,648 Gaussians took 40 s on two busy cores, 82,072 take 2 s."""
HEAP_MB, WORKERS = 4096, 2
"""1,179,648 Gaussians took 400 MB."""
MAX_META = 1_000_000
SAID = 300
"""Characters of the tool's own words in a message."""


@dataclass(frozen=True, slots=True)
class SplatTransform:
    """node: the program. cli: the tool's bin/cli.mjs."""

    node: Path
    cli: Path
    timeout_s: float = TIMEOUT_S

    def to_sog(self, ply: bytes, count: int) -> bytes:
        """The file of `count` Gaussians as SOG. Raises SplatNotConverted."""
        with TemporaryDirectory(prefix="fashion-sog-") as folder:
            source, made, words = (Path(folder) / name for name in ("in.ply", "out.sog", "words.txt"))
            source.write_bytes(ply)
            code = self._run(source, made, words)
            if code != 0 or not made.is_file():
                said = " ".join(words.read_text(errors="replace").split())[-SAID:]
                raise SplatNotConverted(f"splat-transform ended with code {code} and no SOG file: {said!r}")
            data = made.read_bytes()
            _check(made, count)
        return data

    def _run(self, source: Path, made: Path, words: Path) -> int:
        command: list[str | Path] = [self.node, f"--max-old-space-size={HEAP_MB}", self.cli, "-q", "-w", "-g", "cpu",
                   "--max-workers", str(WORKERS), source, made]  # fmt: skip
        with words.open("wb") as output:
            try:
                done = subprocess.run(
                    command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env={}, cwd=source.parent,
                    timeout=self.timeout_s, check=False,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                raise SplatNotConverted(
                    f"splat-transform was stopped after {self.timeout_s:g} s; a SOG file takes well under a minute"
                ) from None
            except OSError as error:
                raise SplatNotConverted(f"{self.node} cannot be started: {error}") from error
        return done.returncode


def find_splat_transform(path: str | None = None, folder: Path | None = None) -> SplatTransform:
    """node and the tool: its command on the search path (`npm install -g`), else in node_modules of `folder` (the
    working folder where None) or above it. path: as in $PATH, which is taken where None.

    Raises PackageMissing, which says what to install.
    """
    node = shutil.which("node", path=path)
    if node is None:
        raise PackageMissing(
            f"SOG files need node 18 or later, which is not on the PATH; with it, run `{INSTALL}`"
        )
    here = (folder or Path.cwd()).resolve()
    places = [place / "node_modules" / PACKAGE / CLI for place in (here, *here.parents)]
    if (command := shutil.which("splat-transform", path=path)) is not None:
        # npm links the command to the package's own script.
        places.insert(0, Path(command).resolve())
    for place in places:
        if place.is_file() and place.suffix == ".mjs":
            return SplatTransform(Path(node), place)
    raise PackageMissing(f"SOG files need splat-transform, which is not installed; run `{INSTALL}`")


def _check(made: Path, count: int) -> None:
    """A SOG file is a zip of WebP pictures with a meta.json."""
    try:
        with zipfile.ZipFile(made) as archive:
            if archive.getinfo("meta.json").file_size > MAX_META:
                raise SplatNotConverted(f"splat-transform wrote a meta.json of more than {MAX_META} bytes")
            found = json.loads(archive.read("meta.json")).get("count")
            broken = archive.testzip()
    except (zipfile.BadZipFile, KeyError, ValueError, AttributeError) as error:
        raise SplatNotConverted(f"splat-transform wrote something that is no SOG file: {error}") from error
    if broken is not None or found != count:
        raise SplatNotConverted(
            f"splat-transform wrote {found} of {count} Gaussians"
            if broken is None
            else f"splat-transform wrote a damaged {broken}"
        )
