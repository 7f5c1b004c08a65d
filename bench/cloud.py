"""The whole sample catalogue through the stores of the production profile, on loopback peers that misbehave.

Supabase and Cloudinary are the strict peers of tests/peers, Firestore is Google's emulator behind a wire that loses
answers; the SDKs are the real ones. Engines are those of the sample profile and work in this process.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from google.cloud import firestore as google

from bench.children import finish, start
from bench.filling import complete, steps
from bench.truth import products, repeated, wrong_bytes
from tests.peers.firestore_emulator import JVM, Emulator, emulating
from tests.peers.firestore_proxy import Wire, wire_to
from tests.production import Cloud, production
from tryon.core.errors import StoreError
from tryon.core.events import LogEvent
from tryon.core.pipeline import Pipeline
from tryon.core.stages.tally import Status
from tryon.profiles.stores import open_stores
from tryon.settings import Settings
from tryon.stores.firestore.base import LOGS
from tryon.stores.firestore.client import Firestore
from tryon.stores.firestore.log import FirestoreLog
from tryon.wiring import build

RATES = (0.0, 0.05, 0.20)
MOST_RERUNS = 200
MOST_SECONDS = 3600.0
HEAP = "-Xmx768m"
SAMPLE = {"analyzer": "declared", "detector": "packshot", "body_parser": "studio-parser", "dresser": "warp"}
SAMPLE_ENGINES = {f"FASHION_{port.upper()}": name for port, name in {**SAMPLE, "splatter": "relief"}.items()}


def measure(rates: Sequence[float] = RATES, users: int | None = None) -> dict[str, object]:
    """users: only so many of the sample people."""
    with tempfile.TemporaryDirectory(prefix="fashion-bench-") as folder:
        place = Path(folder)
        with emulating(place / "emulator.log", f"{JVM} {HEAP}") as emulator:
            runs = [_in_a_process(place / f"run-{n}", emulator, rate, users) for n, rate in enumerate(rates)]
        undisturbed = runs[0].pop("index")
        for run in runs[1:]:
            found = run.pop("index")
            run["lost"] += sum(what in found and found[what] != entry for what, entry in undisturbed.items())
        return {"runs": runs}


def _in_a_process(folder: Path, emulator: Emulator, rate: float, users: int | None) -> dict[str, Any]:
    """Each run is a process of its own, since a process has one set of the cloud's stores."""
    folder.mkdir()
    finish(start(disturbed, folder, emulator.host, rate, users), MOST_SECONDS)
    found: dict[str, Any] = json.loads((folder / "found.json").read_text())
    return found


def disturbed(folder: Path, host: str, rate: float, users: int | None) -> None:
    """Run again and again under faults until everything is there, then look with the faults off."""
    with _systems(Emulator(host)) as systems:
        _upload(systems.cloud, users)
        settings = Settings(data=folder / "data")
        told = Told()
        begun = time.perf_counter()
        systems.misbehave(rate)
        made, runs = _until_complete(systems, told, settings, rate)
        seconds = time.perf_counter() - begun
        systems.misbehave(0.0)
        pipeline, stores = build(settings, told), open_stores(settings)
        found = {
            "fault_rate": rate,
            "published": sum(entry[1] == "published" for entry in products(pipeline).values()),
            "refused": sum(entry[1] == "refused" for entry in products(pipeline).values()),
            "lost": _without_verdict(pipeline),
            "wrong_bytes": wrong_bytes(pipeline),
            "duplicated": repeated(pipeline) + sum(count - 1 for count in made.values()),
            "reruns": runs - 1,
            "faults": systems.faults(),
            "index": products(pipeline),
        }
        stores.close()
        found |= told.compared(*_logged(settings))
        (folder / "found.json").write_text(json.dumps({**found, "seconds": round(seconds, 1)}))


def _without_verdict(pipeline: Pipeline) -> int:
    """Of all products that the uploads ask for."""
    catalogue, users = pipeline.catalogue(), pipeline.records.users()
    wanted = pipeline.wanted()
    shelves = [catalogue.target_shelf(user, {}).everything() for user in users]
    asked = [crop.input for item in wanted.items for crop in wanted.crops(item)]
    asked += [product.input for shelf in shelves for product in shelf]
    return len(asked) - len(pipeline.records.find(asked))


@dataclass
class Told:
    """The console: every event whose append returned."""

    events: Counter[str] = field(default_factory=Counter)

    def __call__(self, event: LogEvent) -> None:
        self.events[_text(event)] += 1

    def compared(self, stored: Counter[str], documents: int) -> dict[str, object]:
        return {
            "log_events_expected": self.events.total(),
            "log_events_stored": documents,
            "log_events_lost": (self.events - stored).total(),
            "log_events_duplicated": (stored - self.events).total(),
        }


@dataclass
class Systems:
    cloud: Cloud
    wire: Wire

    def misbehave(self, rate: float) -> None:
        self.cloud.supabase.fault_rate = self.cloud.cloudinary.fault_rate = self.wire.fault_rate = rate

    def faults(self) -> dict[str, int]:
        peers = {"supabase": self.cloud.supabase, "cloudinary": self.cloud.cloudinary}
        return {
            **{name: peer.hit for name, peer in peers.items()},
            "firestore": self.wire.lost + self.wire.late,
        }


@contextmanager
def _systems(emulator: Emulator) -> Iterator[Systems]:
    with wire_to(emulator.host) as wire, production(emulator) as cloud:
        firestore = {"FIRESTORE_EMULATOR_HOST": wire.host}
        os.environ.update({**cloud.environment, **SAMPLE_ENGINES, **firestore})
        yield Systems(cloud, wire)


def _upload(cloud: Cloud, users: int | None) -> None:
    """As the shop's app does: photos into the private bucket, consents into its documents of users."""
    client = google.Client(project=cloud.project)
    with as_file(files("studio") / "catalogue" / "uploads") as samples:
        for photo in sorted(samples.rglob("*.jpg")):
            kind, data = photo.parent.name, photo.read_bytes()
            sidecar = photo.with_suffix(".json").read_bytes()
            if kind == "users" and users is not None and int(photo.stem.removeprefix("u")) > users:
                continue
            cloud.supabase.lay("uploads", f"{kind}/{photo.stem}/photo.jpg", data)
            if kind == "users":
                client.collection("users").document(photo.stem).set(json.loads(sidecar))
            else:
                cloud.supabase.lay("uploads", f"{kind}/{photo.stem}/item.json", sidecar)
    client.close()  # type: ignore[no-untyped-call]


def _until_complete(
    systems: Systems, told: Callable[[LogEvent], None], settings: Settings, rate: float
) -> tuple[Counter[str], int]:
    """(how often each key was made visible, runs). A step that stops is left to the next run, as a failed run of
    Dagster is; the steps after it go on."""
    made: Counter[str] = Counter()
    for run in range(1, MOST_RERUNS + 1):
        pipeline = build(settings, told)
        for step in steps(pipeline, f"run-{run}"):
            try:
                tally = step()
            except StoreError:
                continue
            made.update(entry.product.key for entry in tally.entries if entry.status is Status.MADE)
        systems.misbehave(0.0)
        if complete(pipeline):
            return made, run
        systems.misbehave(rate)
    raise AssertionError(f"{MOST_RERUNS} runs did not complete the catalogue")


def _logged(settings: Settings) -> tuple[Counter[str], int]:
    """Every event as apps read it, and how many documents there are."""
    store = Firestore(settings.google_project or "")
    log, after, found = FirestoreLog(store), 0, Counter[str]()
    while page := log.read(after=after):
        after = page[-1][0]
        found.update(_text(event) for _, event in page)
    documents = sum(1 for _ in store.rows(LOGS, only=("position",), page=2000))
    store.close()
    return found, documents


def _text(event: LogEvent) -> str:
    return json.dumps(event.facts(), sort_keys=True)
