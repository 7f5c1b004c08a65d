"""The model cache: published weights in a folder, downloaded once, checked, and served without a network."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from tryon.core.errors import ModelDamaged, ModelMissing, ReadOnly
from tryon.core.models import Model, ModelFile
from tryon.stores.disk import named_errors
from tryon.stores.models.digests import Progress, difference, hash_file, known, silent
from tryon.stores.models.download import Download
from tryon.stores.models.hub import Hub
from tryon.stores.models.shelf import Manifest, Shelf
from tryon.stores.models.transfer import Pause

WAITING = "(waits for another process that downloads it)"
"""In place of a file's name in what a pull tells."""


class State(StrEnum):
    COMPLETE = "complete"
    UNFINISHED = "unfinished"
    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Standing:
    """commit: what is served, or None. bytes: on the disk, unfinished files included. said: why it is not complete."""

    state: State
    commit: str | None
    bytes: int
    said: str = ""


class ModelCache:
    """root: where it lies; made by the first pull. hub: only a pull asks it. pause: how to wait, in seconds."""

    def __init__(self, root: Path, hub: Hub | None = None, pause: Pause = time.sleep) -> None:
        self.root = root.expanduser()
        self._hub, self._pause = hub or Hub(), pause

    def folder(self, model: Model) -> Path:
        """Where its files lie, laid out as published; the folder's name is the commit. Nothing is downloaded. Sizes are
        compared, and a file that was touched since it was last hashed is hashed again: results must not be recorded
        with weights that did not make them. Raises ModelMissing, ModelDamaged."""
        shelf, commit = Shelf(self.root, model), self._served(model)
        if shelf.touched(commit, model.files):
            self._hash(model, silent)
        return shelf.folder(commit)

    def _served(self, model: Model) -> str:
        """The commit whose files are all there, with their sizes."""
        shelf = Shelf(self.root, model)
        commit = shelf.commit
        manifest = shelf.manifest(commit) if commit else None
        if commit is None or manifest is None:
            begun = "its download is unfinished" if shelf.begun else "it is not there"
            raise ModelMissing(f"model {model.id} is not in {self.root} ({begun}); run {_pull(model)}")
        for file in model.files:
            _check_size(model, shelf.folder(commit), file, manifest)
        return commit

    def _hash(self, model: Model, progress: Progress) -> None:
        if wrong := self._wrong(model, progress):
            raise ModelDamaged(f"model {model.id}: {'; '.join(wrong)}; run {_pull(model)}")
        Shelf(self.root, model).hashed(self._served(model), model.files)

    def revision(self, model: Model) -> str:
        """The commit that is served, also in place of a moving revision such as main."""
        return Shelf(self.root, model).commit or model.revision

    def standing(self, model: Model) -> Standing:
        """What `folder` says without hashing anything, as a value."""
        shelf = Shelf(self.root, model)
        try:
            self._served(model)
        except ModelMissing as error:
            state = State.UNFINISHED if shelf.begun else State.MISSING
            return Standing(state, shelf.commit, shelf.bytes, str(error))
        except ModelDamaged as error:
            return Standing(State.DAMAGED, None, 0, str(error))
        return Standing(State.COMPLETE, shelf.commit, shelf.bytes)

    def pull(self, model: Model, progress: Progress = silent) -> Path:
        """Download what is missing or is not what was published, and serve it from then on.

        What is there is read and hashed first; a complete model asks the hub nothing, and may lie on a read-only disk.
        Another process that downloads the same model is waited for. Raises DownloadFailed, AccessDenied, ModelDamaged,
        DiskFull, ReadOnly.
        """
        shelf = Shelf(self.root, model)
        try:
            with shelf.alone(lambda: progress(model.id, WAITING, 0, None)), named_errors(self.root):
                if self._wrong(model, progress):
                    Download(self._hub, model, shelf, progress, self._pause).run()
                shelf.hashed(self._served(model), model.files)
        except ReadOnly:
            if self._wrong(model, progress):
                raise
        return self.folder(model)

    def verify(self, model: Model, progress: Progress = silent) -> None:
        """Read and hash every file, without a network. Raises ModelMissing, or ModelDamaged naming each wrong file;
        the next pull replaces them."""
        self._served(model)
        self._hash(model, progress)

    def _wrong(self, model: Model, progress: Progress) -> list[str]:
        shelf = Shelf(self.root, model)
        commit = shelf.commit
        manifest = shelf.manifest(commit) if commit else None
        if commit is None or manifest is None:
            return ["it is not there"]
        found = []
        for file in model.files:
            tell = partial(progress, model.id, file.path)
            path, kept = shelf.folder(commit) / file.path, manifest.file(file.path)
            if kept is None or not path.is_file():
                found.append(f"{file.path} is not there")
                continue
            there = hash_file(path, tell)
            if wrong := difference(there, known(kept)) or difference(there, known(file)):
                found.append(f"{file.path} has {wrong}")
        return found


def _check_size(model: Model, folder: Path, file: ModelFile, manifest: Manifest) -> None:
    kept, path = manifest.file(file.path), folder / file.path
    if kept is None or not path.is_file():
        raise ModelMissing(f"model {model.id} has no file {file.path} in {folder}; run {_pull(model)}")
    if path.stat().st_size != kept.size:
        raise ModelDamaged(
            f"model {model.id}: {path} has {path.stat().st_size} bytes, published were {kept.size}; "
            f"run {_pull(model)}"
        )
    if wrong := difference(known(kept), known(file)):
        raise ModelDamaged(f"model {model.id}: {path} was kept with {wrong}; run {_pull(model)}")


def _pull(model: Model) -> str:
    return f"`fashion models pull {model.id}`"
