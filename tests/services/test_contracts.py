"""schemathesis on each service's own schema, over real HTTP: no error of the server, and no answer beside the schema.

The long run, over the sample engines and with every phase, is `python -m bench contracts`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from fastapi import FastAPI

from bench.contracts import examine, wrong
from bench.shelf import Shelf, standing
from tests.services.doors import opened
from tests.services.serving import served
from tryon.services.opening import Service

EXAMPLES = 5
PHASES = ("examples", "fuzzing", "stateful")


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Mapping[str, str], Shelf]]:
    with opened(tmp_path_factory.mktemp("doors")) as found:
        yield found


@pytest.mark.parametrize("service", Service)
def test_the_service_keeps_to_its_schema(doors: tuple[Mapping[str, str], Shelf], service: Service) -> None:
    urls, shelf = doors
    report = examine(urls[service], shelf, EXAMPLES, PHASES)
    assert wrong(report) == []
    assert report["test_cases"]["generated"] >= report["operations"]["selected"]


def test_a_server_error_would_be_found() -> None:
    app = FastAPI()

    @app.get("/broken")
    def broken(number: int) -> dict[str, int]:
        return {"share": 1 // (number - number)}

    with standing() as shelf, served(app) as url:
        found = wrong(examine(url, shelf, EXAMPLES, ("fuzzing",)))
    assert any("Server error" in text for text in found)
