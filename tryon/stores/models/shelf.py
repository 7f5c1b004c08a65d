"""One model on the disk.

Under <root>/<id>/:

- <commit>/...: the files, laid out as published; each is whole and was checked before it came here.
- <commit>.json: the manifest, written last; without it, or with one file missing, this is no model.
- <commit>.part/...: what is on its way.
- <commit>.times.json: when each file was last changed, as it was when its content was last hashed.
- locked.json: the commit that a moving revision, such as main, was locked to.
- pull.lock: held by the process that downloads.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from tryon.core.errors import InvalidSetting, ModelDamaged, ReadOnly
from tryon.core.models import Model, ModelFile
from tryon.stores.disk import named_errors, sync_folder, write_whole


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a finished download left. commit: the revision that is served. files: with size and sha256."""

    repo: str
    commit: str
    files: tuple[ModelFile, ...]

    def file(self, path: str) -> ModelFile | None:
        return next((file for file in self.files if file.path == path), None)


class Shelf:
    def __init__(self, root: Path, model: Model) -> None:
        _check_names(model)
        self._model, self._home = model, root / model.id

    @property
    def commit(self) -> str | None:
        """The commit that is served; None while a moving revision was never downloaded."""
        model = self._model
        if model.pinned:
            return model.revision
        found = _read(self._home / "locked.json").get(model.revision)
        return found if isinstance(found, str) else None

    def lock(self, commit: str) -> None:
        """From now on the moving revision means this commit."""
        if not self._model.pinned:
            known = _read(self._home / "locked.json")
            self._save("locked.json", {**known, self._model.revision: commit})

    def folder(self, commit: str) -> Path:
        return self._home / commit

    def parts(self, commit: str) -> Path:
        return self._home / f"{commit}.part"

    @property
    def begun(self) -> bool:
        """Something of the model is here."""
        commit = self.commit
        return commit is not None and (self.parts(commit).exists() or self.folder(commit).exists())

    @property
    def bytes(self) -> int:
        commit = self.commit
        roots = (self.folder(commit), self.parts(commit)) if commit else ()
        return sum(_size(path) for root in roots for path in root.rglob("*"))

    def manifest(self, commit: str) -> Manifest | None:
        facts = _read(self._home / f"{commit}.json")
        if not facts:
            return None
        try:
            files = tuple(ModelFile(**file) for file in facts["files"])
            return Manifest(facts["repo"], facts["commit"], files)
        except (KeyError, TypeError):
            raise ModelDamaged(
                f"the manifest {self._home / commit}.json is damaged; delete it, then pull"
            ) from None

    def write(self, manifest: Manifest) -> None:
        self._save(f"{manifest.commit}.json", asdict(manifest))

    def touched(self, commit: str, files: Iterable[ModelFile]) -> list[ModelFile]:
        """Those that changed, or may have, since they were last hashed."""
        seen = _read(self._home / f"{commit}.times.json")
        return [file for file in files if seen.get(file.path) != self._changed(commit, file)]

    def hashed(self, commit: str, files: Iterable[ModelFile]) -> None:
        """Their content is what the manifest says. A cache that only reads is hashed by each process anew."""
        with suppress(ReadOnly):
            self._save(f"{commit}.times.json", {file.path: self._changed(commit, file) for file in files})

    def _changed(self, commit: str, file: ModelFile) -> int:
        """Nanoseconds."""
        return (self.folder(commit) / file.path).stat().st_mtime_ns

    @contextmanager
    def alone(self, waits: Callable[[], None]) -> Iterator[None]:
        """Wait until no other process downloads this model. A killed process gives the lock back.

        waits: called once, if there is something to wait for."""
        with named_errors(self._home):
            self._home.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._home / "pull.lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waits()
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _save(self, name: str, facts: object) -> None:
        with named_errors(self._home):
            write_whole(self._home / name, json.dumps(facts, indent=2).encode())
            sync_folder(self._home)


def _size(path: Path) -> int:
    """0 for a folder, and for a file that a pull under way has just moved."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:
        return 0


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError:
        raise ModelDamaged(f"{path} is damaged; delete it, then pull the model again") from None
    return found if isinstance(found, dict) else {}


def _check_names(model: Model) -> None:
    """They become names of files: nothing may lead out of the cache."""
    names = (model.id, model.revision.replace("/", "-"))
    paths = [PurePosixPath(file.path) for file in model.files]
    plain = all(re.fullmatch(r"[\w][\w.+-]*", name) for name in names)
    if not plain or any(path.is_absolute() or ".." in path.parts for path in paths):
        raise InvalidSetting(f"model {model.id!r} at {model.revision!r} has a name that cannot be a file's")
