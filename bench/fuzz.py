"""Hostile pictures through the doors of the running services: every answer is 200 or says what is wrong with it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench import hostile
from bench.house import House, opened
from bench.shelf import Shelf, standing

AT_ONCE = 4
WAITING = "16"
"""Requests that may wait: none is answered "busy", which would hide what is looked for."""
SHOWN = 20
Send = Callable[[httpx.Client, str, bytes], httpx.Response]
"""client, the file's name, its bytes."""


@dataclass
class Tally:
    """statuses: how often each came. wrong: answers that no caller should ever get, one sentence each."""

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def sent(self) -> int:
        return self.statuses.total()

    def facts(self) -> dict[str, object]:
        statuses = {str(status): count for status, count in sorted(self.statuses.items())}
        return {"sent": self.sent, "statuses": statuses, "wrong": len(self.wrong), "said": self.wrong[:SHOWN]}


def senders(house: House, shelf: Shelf) -> Mapping[str, Send]:
    """A way into each service. Two of them fetch the picture from the shelf."""
    urls = house.urls
    cloth = hostile.real("PNG", "u2")

    def fetched(
        client: httpx.Client, path: str, name: str, data: bytes, facts: Callable[[str], object]
    ) -> httpx.Response:
        return client.post(path, json=facts(shelf.put(name, data)))

    def crop(client: httpx.Client, name: str, data: bytes) -> httpx.Response:
        return fetched(
            client, f"{urls['crop']}/crop", name, data, lambda url: {"imageUrl": url, "categories": ["tops"]}
        )

    def masks(client: httpx.Client, name: str, data: bytes) -> httpx.Response:
        return fetched(client, f"{urls['masks']}/", name, data, lambda url: {"user_image_url": url})

    def person(client: httpx.Client, name: str, data: bytes) -> httpx.Response:
        files = {"person_image": (name, data), "cloth_image": ("cloth.png", cloth)}
        return client.post(f"{urls['tryon']}/api/try-on", files=files)

    def garment(client: httpx.Client, name: str, data: bytes) -> httpx.Response:
        files = {"person_image": ("person.png", cloth), "cloth_image": (name, data)}
        return client.post(f"{urls['tryon']}/api/try-on", files=files)

    def splat(client: httpx.Client, name: str, data: bytes) -> httpx.Response:
        return client.post(f"{urls['splats']}/predict/ply", files={"file": (name, data)})

    return {"crop": crop, "masks": masks, "tryon person": person, "tryon cloth": garment, "splats": splat}


def strike(send: Send, pictures: Iterable[tuple[str, bytes]]) -> Tally:
    """Every picture once, some at a time."""
    tally = Tally()
    with httpx.Client(timeout=120, trust_env=False) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        for name, found in pool.map(lambda picture: (picture[0], _sent(send, client, *picture)), pictures):
            status, wrong = found
            tally.statuses[status] += 1
            if wrong:
                tally.wrong.append(f"{name}: {wrong}")
    return tally


def _sent(send: Send, client: httpx.Client, name: str, data: bytes) -> tuple[int, str]:
    try:
        answer = send(client, name, data)
    except httpx.HTTPError as error:
        return 0, f"no answer: {type(error).__name__}"
    return answer.status_code, fault(answer)


def fault(answer: httpx.Response) -> str:
    """What is wrong with an answer; empty for success and for an error that a caller can understand."""
    if answer.status_code == 200:
        return ""
    if not 400 <= answer.status_code < 500:
        return f"{answer.status_code} {answer.text[:200]}"
    try:
        facts = answer.json()
    except json.JSONDecodeError:
        return f"{answer.status_code} without JSON: {answer.text[:200]}"
    sentence = facts.get("detail") if isinstance(facts, dict) else None
    if isinstance(facts, dict) and isinstance(facts.get("error"), dict):
        sentence = facts["error"].get("message") if facts["error"].get("code") else None
    return "" if isinstance(sentence, str) and sentence else f"{answer.status_code} in another shape: {facts}"


def named(pictures: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    yield from ((f"mutation-{number}.jpg", data) for number, data in enumerate(pictures))


def measure(mutations: int) -> dict[str, object]:
    """mutations: of all services together, beside every hostile kind for each."""
    with standing() as shelf, TemporaryDirectory() as folder:
        variables = {"FASHION_FETCH_ALLOWED": shelf.place, "FASHION_WAITING": WAITING}
        with opened(Path(folder), variables) as house:
            began, before = time.perf_counter(), house.rss_mb
            doors = senders(house, shelf)
            changed = named(hostile.mutations(mutations))
            kinds = [(name.replace(" ", "-"), data) for name, data in hostile.all_kinds().items()]
            kinds.append(("49-megapixels.png", hostile.largest()))
            share = -(-mutations // len(doors))
            tallies = {
                name: strike(send, chain(kinds, list(islice(changed, share)))) for name, send in doors.items()
            }
            return {
                "mutations": mutations,
                "sent": sum(tally.sent for tally in tallies.values()),
                "wrong": sum(len(tally.wrong) for tally in tallies.values()),
                "alive": house.healthy(),
                "rss_mb": [round(before), round(house.rss_mb)],
                "peak_mb": round(house.peak_mb),
                "seconds": round(time.perf_counter() - began, 1),
                "services": {name: tally.facts() for name, tally in tallies.items()},
            }
