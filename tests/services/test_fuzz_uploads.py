"""Whatever file comes through the door of a service: 200, or an error that says what is wrong with it, and the service
lives on. All 10,000 mutations, over the sample engines, are `python -m bench fuzz`."""

from __future__ import annotations

import resource
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from bench import hostile
from bench.fuzz import Send, fault, named, senders, strike
from bench.house import House
from tests.services.doors import opened

MUTATIONS = 500
MEGABYTES = 200
"""That the process may grow at most while it is attacked: one bomb that goes off takes gigabytes."""
DOORS = ("crop", "masks", "tryon person", "tryon cloth", "splats")


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Mapping[str, str], Mapping[str, Send]]]:
    with opened(tmp_path_factory.mktemp("doors")) as (urls, shelf):
        house = cast(House, SimpleNamespace(urls=urls))
        yield urls, senders(house, shelf)


def peak() -> float:
    """The most megabytes that this process, where the servers run too, ever had. Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def healthy(urls: Mapping[str, str]) -> bool:
    return all(httpx.get(f"{url}/health").status_code == 200 for url in urls.values())


@pytest.mark.parametrize("door", DOORS)
def test_every_hostile_kind(doors: Any, door: str) -> None:
    urls, send = doors
    pictures = {name.replace(" ", "-"): data for name, data in hostile.all_kinds().items()}
    before = peak()
    tally = strike(send[door], pictures.items())
    assert tally.wrong == []
    assert tally.sent == len(pictures)
    refused = sum(count for status, count in tally.statuses.items() if 400 <= status < 500)
    assert refused >= len(pictures) // 2
    assert healthy(urls)
    assert peak() - before < MEGABYTES


@pytest.mark.parametrize("number", range(len(DOORS)))
def test_mutations_of_real_pictures(doors: Any, number: int) -> None:
    urls, send = doors
    pictures = list(named(hostile.mutations(MUTATIONS)))[number :: len(DOORS)]
    tally = strike(send[DOORS[number]], pictures)
    assert tally.wrong == []
    assert tally.sent == MUTATIONS // len(DOORS)
    assert healthy(urls)


@pytest.mark.parametrize(
    ("status", "body", "fine"),
    [
        (200, b"", True),
        (400, b'{"detail": "what was wrong"}', True),
        (422, b'{"status": "error", "error": {"code": "no_person", "message": "nobody"}}', True),
        (500, b'{"detail": "what was wrong"}', False),
        (503, b'{"detail": "busy"}', False),
        (302, b"", False),
        (400, b"Bad Request", False),
        (400, b'{"detail": ""}', False),
        (400, b'{"error": {"message": "without a code"}}', False),
        (400, b"[1]", False),
    ],
)
def test_which_answers_are_wrong(status: int, body: bytes, fine: bool) -> None:
    assert (fault(httpx.Response(status, content=body)) == "") is fine
