"""Published weights that an engine loads: what they are, where they come from, and what they may be used for.

Each neural engine names its own in a constant; `tryon.engines.models` lists them all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model. size: bytes. sha256: hex. None where the publisher's page is all that is known."""

    path: str
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """id: our short name, as in `fashion models pull ID`.
    repo: `owner/name` on the model hub, or the address of a single file.
    revision: the commit of the hub's repository; part of every recipe the engine works for. A name that moves, such
    as main, is locked to a commit by the first download. For a single file: the publisher's name of this version.
    files: what the engine needs of it, relative to its folder.
    licence: SPDX id or the licence's own name. terms: where its text is.
    alternatives: ids of engines or models that do the same under a commercial licence.
    """

    id: str
    repo: str
    revision: str
    files: tuple[ModelFile, ...]
    licence: str
    commercial_use: bool
    terms: str = ""
    alternatives: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def is_single_file(self) -> bool:
        """Published at an address of its own, not in a repository of the hub."""
        return "://" in self.repo

    @property
    def url(self) -> str:
        return self.repo if self.is_single_file else f"https://huggingface.co/{self.repo}"

    @property
    def pinned(self) -> bool:
        """The revision names one content for ever."""
        return self.is_single_file or re.fullmatch(r"[0-9a-f]{40}", self.revision) is not None

    @property
    def size(self) -> int | None:
        """Bytes of all files; None where one is not known before the download."""
        sizes = [file.size for file in self.files]
        return None if None in sizes else sum(size for size in sizes if size is not None)


@dataclass(frozen=True, slots=True)
class Pinned:
    """A single file at an address of its own, and the sha256 (hex) that it must have."""

    url: str
    sha256: str

    @property
    def name(self) -> str:
        """Of the file."""
        return self.url.rpartition("/")[2]


class Models(Protocol):
    """The model cache."""

    def revision(self, model: Model) -> str:
        """The commit that is served; the model's own revision while it was never downloaded. For recipes: two
        machines with other weights behind a moving revision must not share a key."""
        ...

    def folder(self, model: Model) -> Path:
        """Where its files lie, laid out as published. Nothing is downloaded.

        Raises ModelMissing (nothing there, or an unfinished download) or ModelDamaged (a file has another size).
        """
        ...
