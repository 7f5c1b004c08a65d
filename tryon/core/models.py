"""Published weights that an engine loads: what they are, where they come from, and what they may be used for.

Each neural engine names its own in a constant; `tryon.engines.models` lists them all.
"""

from __future__ import annotations

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
    revision: the commit of the hub's repository; part of every recipe the engine works for.
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
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.repo if "://" in self.repo else f"https://huggingface.co/{self.repo}"


class Models(Protocol):
    """The model cache."""

    def folder(self, model: Model) -> Path:
        """Where its files lie, laid out as published. Nothing is downloaded.

        Raises ModelMissing (nothing there, or an unfinished download) or ModelDamaged (a file has another size).
        """
        ...
