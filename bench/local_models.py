"""A model cache that is a plain folder, as benchmarks and tests fill it: `<root>/<model.id>/<file>`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tryon.core.errors import ModelMissing
from tryon.core.models import Model


@dataclass(frozen=True)
class LocalModels:
    root: Path

    def revision(self, model: Model) -> str:
        return model.revision

    def folder(self, model: Model) -> Path:
        found = self.root / model.id
        if not found.is_dir():
            raise ModelMissing(f"{model.id} is not in {self.root}")
        return found
