"""A small catalogue, pregenerated once with engines that cost nothing; tests that change it get a copy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bench.uploads import write_item, write_user
from fashion_assets.cli import app
from fashion_assets.commands import opening
from tests.cli.null_fashion import open_null
from tests.peers.postgres import postgres, postgres_url
from tryon.core.pipeline import Pipeline
from tryon.settings import Settings

__all__ = ["postgres", "postgres_url"]

LOOK = "t1.tops+b1.bottoms"


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def facts(self) -> Any:
        """The JSON answer; that it parses means that nothing else was on standard output."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Fashion:
    """`fashion --data <data> ...` in this process."""

    data: Path

    def __call__(self, *arguments: object) -> Answer:
        given = ["--data", str(self.data), *map(str, arguments)]
        result = CliRunner().invoke(app, given, catch_exceptions=False)
        return Answer(result.exit_code, result.stdout, result.stderr)

    @property
    def pipeline(self) -> Pipeline:
        return open_null(Settings(data=self.data))


@pytest.fixture(autouse=True, scope="session")
def _null_engines() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "open_pipeline", open_null)
        patch.delenv("FASHION_DATA", raising=False)
        patch.setenv("COLUMNS", "120")
        yield


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Fashion:
    """u1 is finished; tiny's photo is refused, and so are all outfits of tiny. To be read only."""
    fashion = Fashion(tmp_path_factory.mktemp("cli") / "data")
    uploads = fashion.data / "uploads"
    write_item(uploads, "t1", ["tops"], 1)
    write_item(uploads, "b1", ["bottoms"], 2)
    write_user(uploads, "u1", 1)
    write_user(uploads, "tiny", 2, width=40, height=56)
    answer = fashion("pregenerate", "--json")
    assert answer.code == 0, answer.out
    return fashion


@pytest.fixture
def fashion(made: Fashion, tmp_path: Path) -> Fashion:
    """A copy to change."""
    shutil.copytree(made.data, tmp_path / "data")
    return Fashion(tmp_path / "data")


@pytest.fixture
def empty(tmp_path: Path) -> Fashion:
    return Fashion(tmp_path / "data")


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's photo outside the uploads folder; not the one of any user."""
    folder = tmp_path_factory.mktemp("photo")
    write_user(folder, "new", 99)
    return folder / "users" / "new.png"
