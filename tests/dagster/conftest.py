"""A small real pipeline: null engines, a folder of uploads, SQLite, and an ephemeral Dagster instance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from tenacity import wait_none

from bench.null_engines import null_stages
from bench.uploads import write_catalogue
from fashion_assets.operate import Operator
from tryon.core.pipeline import Pipeline
from tryon.core.stages.desk import Patience
from tryon.settings import Settings
from tryon.wiring import build

FAST = Patience(attempts=2, wait=wait_none(), poll_seconds=0.01)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """2 users; 2 tops and 2 bottoms."""
    write_catalogue(tmp_path / "uploads", users=2, tops=2, bottoms=2)
    return tmp_path


@pytest.fixture
def pipeline(data: Path) -> Pipeline:
    return build(Settings(data=data), lambda event: None, null_stages, FAST)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def operator(pipeline: Pipeline, instance: dg.DagsterInstance) -> Operator:
    return Operator(pipeline, instance)
