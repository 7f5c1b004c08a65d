"""schemathesis on each service's own schema, over real HTTP: no error of the server, and no answer beside the schema.

The long run, over the sample engines and with every phase, is `python -m bench contracts`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fastapi import FastAPI

from bench.contracts import examine, wrong
from tests.services.doors import opened
from tests.services.serving import served
from tryon.services.opening import Service

EXAMPLES = 5
PHASES = ("examples", "fuzzing", "stateful")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    """Of the five services, and of one that breaks."""
    with opened(tmp_path_factory.mktemp("doors")) as (urls, shelf), served(broken()) as other:
        yield examine({**urls, "broken": other}, shelf, EXAMPLES, PHASES)


def broken() -> FastAPI:
    app = FastAPI()

    @app.get("/share", operation_id="share")
    def share(number: int) -> dict[str, int]:
        return {"share": 1 // (number - number)}

    return app


@pytest.mark.parametrize("service", Service)
def test_the_service_keeps_to_its_schema(reports: Mapping[str, Any], service: Service) -> None:
    report = reports[service.value]
    assert wrong(report) == []
    assert report["test_cases"]["generated"] >= report["operations"]["selected"]


def test_answers_lead_to_further_requests(reports: Mapping[str, Any]) -> None:
    """What the lookbook names is asked for; the answers of the others name nothing to ask for."""
    assert reports["lookbook"]["phases"]["stateful"]["status"] == "success"


def test_an_error_of_the_server_would_be_found(reports: Mapping[str, Any]) -> None:
    assert any("Server error" in text for text in wrong(reports["broken"]))
