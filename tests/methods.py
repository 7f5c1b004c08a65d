"""`python -m tests.methods [PACKAGE ...]`: cards and methods of the engines that the environment's settings choose, as
JSON, in a process that cannot import these packages."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class Barred(MetaPathFinder):
    def __init__(self, packages: Sequence[str]) -> None:
        self._packages = packages

    def find_spec(
        self, name: str, path: object = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] in self._packages:
            raise ImportError(f"{name} is not for this process")
        return None


def methods() -> str:
    from tryon.core.pipeline import Stages
    from tryon.profiles.engines import stages_of
    from tryon.settings import Settings

    stages: Stages = stages_of(None, Settings(), None)  # type: ignore[arg-type]  # asked for its methods alone
    cards = {port: asdict(card) for port, card in stages.cards().items()}
    made = {stage.value: repr(method) for stage, method in stages.release().methods.items()}
    return json.dumps({"cards": cards, "methods": made, "release": stages.release().id}, default=dict)


if __name__ == "__main__":
    sys.meta_path.insert(0, Barred(sys.argv[1:]))
    print(methods())  # noqa: T201
