"""The services under load: 8 clients on each, one service after the other, every answer compared with the right one,
and one more client that asks for the service's health all the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.house import House, opened, stocked
from bench.probing import Probe, probing
from bench.shelf import Shelf, standing
from fashion_assets.commands.check.photos import PERSONS, sample

CLIENTS = 8
PAUSE = 0.25
"""Seconds that a client waits after "busy", unless the service names others."""
TOPS = ("tee-sun", "polo-block", "sweater-stripe", "set-mint")
BOTTOMS = ("jeans-blue", "shorts-sand")
Ask = Callable[[httpx.Client], httpx.Response]
Read = Callable[[httpx.Response], object]


@dataclass(frozen=True)
class Question:
    """read: what of the answer must be the same every time."""

    ask: Ask
    read: Read


@dataclass
class Load:
    """What one service did. seconds: of each answer with 200. wrong: other answers than the right one."""

    seconds: list[float] = field(default_factory=list)
    busy: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Load) -> None:
        self.seconds += other.seconds
        self.busy += other.busy
        self.wrong += other.wrong


def measure(seconds: float) -> dict[str, object]:
    """seconds: on each service."""
    with TemporaryDirectory() as folder, standing() as shelf:
        data = Path(folder) / "data"
        stocked(data, PERSONS[:1], (*TOPS, *BOTTOMS))
        with opened(data, {"FASHION_FETCH_ALLOWED": shelf.place}) as house:
            found = {
                name: _under_load(house, name, asked, seconds) for name, asked in _all(house, shelf).items()
            }
            return _figures(found, house, seconds)


def _under_load(
    house: House, name: str, questions: Sequence[Question], seconds: float
) -> tuple[Load, list[float]]:
    right = _right(questions)
    with probing(f"{house.urls[name]}/health") as probe:
        load = _load(questions, right, seconds)
    return load, _probed(probe)


def _probed(probe: Probe) -> list[float]:
    assert not probe.failed, f"{probe.failed} of the health answers were no 200"
    return probe.seconds


def _right(questions: Sequence[Question]) -> list[object]:
    """What each answers when nothing else goes on; asked twice, since it must not change."""
    with httpx.Client(timeout=600, trust_env=False) as client:
        first, second = ([q.read(q.ask(client).raise_for_status()) for q in questions] for _ in range(2))
    assert first == second, "an answer is not the same twice"
    return first


def _load(questions: Sequence[Question], right: Sequence[object], seconds: float) -> Load:
    """Each client goes through the questions, beginning with another one."""
    together, until = Load(), time.monotonic() + seconds
    turns = [
        [
            (questions[(start + n) % len(questions)], right[(start + n) % len(questions)])
            for n in range(len(questions))
        ]
        for start in range(CLIENTS)
    ]
    with ThreadPoolExecutor(CLIENTS) as pool:
        for load in pool.map(lambda turn: _client(turn, until), turns):
            together.add(load)
    return together


def _client(turn: Sequence[tuple[Question, object]], until: float) -> Load:
    load, number = Load(), 0
    with httpx.Client(timeout=600, trust_env=False) as client:
        while time.monotonic() < until:
            question, expected = turn[number % len(turn)]
            began = time.perf_counter()
            answer = question.ask(client)
            took = time.perf_counter() - began
            if answer.status_code in (429, 503):
                load.busy += 1
                time.sleep(float(answer.headers.get("Retry-After", PAUSE)))
                continue
            number += 1
            if answer.status_code == 200 and question.read(answer) == expected:
                load.seconds.append(took)
            else:
                load.wrong.append(f"{answer.status_code} {answer.text[:100]}")
    return load


def _figures(
    found: Mapping[str, tuple[Load, list[float]]], house: House, seconds: float
) -> dict[str, object]:
    health = {name: 1000 * p99(probed) for name, (_, probed) in found.items()}
    return {
        "wrong": sum(len(load.wrong) for load, _ in found.values()),
        "health_p99_ms": round(max(health.values()), 1),
        "services": {
            name: {
                "requests_per_s": round(len(load.seconds) / seconds, 2),
                "p99_ms": round(1000 * p99(load.seconds), 1),
                "busy": load.busy,
                "health_p99_ms": round(health[name], 1),
            }
            for name, (load, _) in found.items()
        },
        "peak_mb": round(house.peak_mb),
        "said": [text for load, _ in found.values() for text in load.wrong][:5],
    }


def p99(values: Sequence[float]) -> float:
    """The smallest value that 99 of 100 do not exceed."""
    assert values, "nothing was answered"
    return sorted(values)[min(len(values) - 1, -(-99 * len(values) // 100) - 1)]


def _all(house: House, shelf: Shelf) -> dict[str, list[Question]]:
    urls = house.urls
    return {
        "crop": _crops(urls["crop"], shelf),
        "masks": _masks(urls["masks"], shelf),
        "tryon": _tryons(urls["tryon"]),
        "splats": _splats(urls["splats"]),
        "lookbook": _lookbook(urls["lookbook"]),
    }


def _crops(url: str, shelf: Shelf) -> list[Question]:
    def ask(address: str) -> Ask:
        return lambda client: client.post(f"{url}/crop", json={"imageUrl": address, "categories": ["tops"]})

    return [
        Question(ask(shelf.put(f"{name}.jpg", sample("items", name))), httpx.Response.json) for name in TOPS
    ]


def _masks(url: str, shelf: Shelf) -> list[Question]:
    """Addresses of masks are those of their bytes; times differ."""

    def ask(address: str) -> Ask:
        return lambda client: client.post(f"{url}/", json={"user_image_url": address})

    places = [shelf.put(f"{name}.jpg", sample("users", name)) for name in PERSONS]
    return [Question(ask(place), lambda answer: answer.json()["masks"]) for place in places]


def _tryons(url: str) -> list[Question]:
    def ask(person: str, top: str) -> Ask:
        files = {"person_image": sample("users", person), "cloth_image": sample("items", top)}
        return lambda client: client.post(f"{url}/api/try-on", files=files, data={"seed": "42"})

    return [Question(ask(*pair), _digest) for pair in zip(PERSONS, TOPS, strict=True)]


def _splats(url: str) -> list[Question]:
    def ask(person: str) -> Ask:
        return lambda client: client.post(f"{url}/predict/ply", files={"file": sample("users", person)})

    return [Question(ask(name), _digest) for name in PERSONS]


def _lookbook(url: str) -> list[Question]:
    """A page of outfits, and the picture and the provenance of each outfit on it."""
    user = httpx.get(f"{url}/users", trust_env=False).raise_for_status().json()["people"][0]["id"]
    listed = f"{url}/users/{user}/outfits"
    outfits = httpx.get(listed, trust_env=False).raise_for_status().json()["outfits"]
    shown = [card["outfit"] for card in outfits if card["state"] == "published"]
    assert shown, "nothing is published"
    addresses = [listed, *(f"{listed}/{outfit}{part}" for outfit in shown for part in ("", "/image"))]

    def ask(address: str) -> Ask:
        return lambda client: client.get(address)

    return [Question(ask(address), _digest) for address in addresses]


def _digest(answer: httpx.Response) -> str:
    return sha256(answer.content).hexdigest()
