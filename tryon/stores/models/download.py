"""One model, from the hub to its shelf."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from tryon.core.errors import DiskFull, DownloadFailed, ModelDamaged
from tryon.core.models import Model, ModelFile
from tryon.stores.disk import nearest, sync_folder
from tryon.stores.models.digests import Progress, Published, Tell, difference, hash_file, known
from tryon.stores.models.hub import Hub, Snapshot
from tryon.stores.models.shelf import Manifest, Shelf
from tryon.stores.models.transfer import Order, Pause, fetch, patiently

SPARE_BYTES = 200 * 1000**2
"""Left free on the disk after a download: other programs and SQLite write there too."""


@dataclass(frozen=True)
class Download:
    """Everything about one pull of one model, by a process that holds its lock."""

    hub: Hub
    model: Model
    shelf: Shelf
    progress: Progress
    pause: Pause = time.sleep

    def run(self) -> None:
        """The manifest comes last: whoever is killed before it leaves no model, and little to do again."""
        snapshot = self._snapshot()
        self.shelf.lock(snapshot.commit)
        orders = [self._order(snapshot, file) for file in self.model.files]
        folder, parts = self.shelf.folder(snapshot.commit), self.shelf.parts(snapshot.commit)
        there = {order: self._kept(order, folder / order.path) for order in orders}
        missing = {order: _part(parts, order) for order in orders if there[order] is None}
        _check_space(missing, folder)
        for order, part in missing.items():
            there[order] = fetch(self.hub, order, part, self._tell(order), self.pause)
            _move(part, folder / order.path)
        kept = tuple(ModelFile(order.path, f.size, f.sha256) for order, f in there.items() if f is not None)
        self.shelf.write(Manifest(self.model.repo, snapshot.commit, kept))
        shutil.rmtree(parts, ignore_errors=True)

    def _snapshot(self) -> Snapshot:
        """A moving revision that was locked before is asked for by its commit."""
        model, revision = self.model, self.shelf.commit or self.model.revision
        what = f"{model.id} ({model.url})"
        found = patiently(lambda: self.hub.snapshot(model, revision), lambda: 0, what, self.pause)
        if self.shelf.commit not in (None, found.commit):
            raise ModelDamaged(f"{self.hub.endpoint} answers {found.commit} for {model.repo} at {revision}")
        return found

    def _order(self, snapshot: Snapshot, file: ModelFile) -> Order:
        """Our own digest goes before what the hub declares; where the two differ nothing is downloaded."""
        declared = snapshot.files.get(file.path)
        if declared is None:
            near = ", ".join(get_close_matches(file.path, snapshot.files, cutoff=0.4)) or "nothing like it"
            raise DownloadFailed(
                f"{self.model.repo} at {snapshot.commit} has no file {file.path}; it has {near}. "
                f"Another revision or file of {self.model.id} must be named in tryon/engines"
            )
        if wrong := difference(declared, known(file)):
            raise ModelDamaged(f"{self.model.id}: {self.hub.endpoint} declares {file.path} with {wrong}")
        wanted = Published(file.size or declared.size, file.sha256 or declared.sha256, declared.git_sha1)
        url = self.hub.address(self.model, snapshot.commit, file.path)
        return Order(self.model, file.path, url, wanted)

    def _kept(self, order: Order, path: Path) -> Published | None:
        """A file that an earlier pull brought, if it is what is wanted and that can be told."""
        if order.published.digest is None or not path.is_file():
            return None
        found = hash_file(path, self._tell(order))
        return None if difference(found, order.published) else found

    def _tell(self, order: Order) -> Tell:
        return partial(self.progress, self.model.id, order.path)


def _check_space(missing: Mapping[Order, Path], folder: Path) -> None:
    need = sum(order.published.size or 0 for order in missing)
    need -= sum(part.stat().st_size for part in missing.values() if part.exists())
    free = shutil.disk_usage(nearest(folder)).free
    if need > 0 and free < need + SPARE_BYTES:
        raise DiskFull(
            f"{need / 1e9:.2f} GB are to be downloaded to {folder}, and {free / 1e9:.2f} GB are free "
            f"({SPARE_BYTES / 1e9:.1f} GB stay so); free some space, or set FASHION_MODELS to another disk"
        )


def _part(parts: Path, order: Order) -> Path:
    """Named by what it will be, so that nothing is put together from two versions of a file."""
    return parts / f"{order.path}.{(order.published.digest or 'unknown')[:12]}"


def _move(part: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part.replace(path)
    sync_folder(path.parent)
