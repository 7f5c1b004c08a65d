"""Every durable boundary is named: a store's method that writes cannot be left out."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Protocol, get_type_hints

import pytest

from bench.filling import Site, fill
from bench.watched import watch
from tryon.core.boundaries import BESIDE, PORTS, READS, boundaries, methods
from tryon.core.erasure.erase import Eraser
from tryon.core.pipeline import Pipeline
from tryon.core.ports import Blobs
from tryon.core.recipes import Stage
from tryon.core.records import Placed
from tryon.core.uploads import UploadKind
from tryon.stores.sqlite.database import Database

READ_CALLS = [(port, method) for port, names in READS.items() for method in sorted(names)]


def test_every_storage_port_of_the_pipeline_is_named() -> None:
    assert protocols(Pipeline) == {name: port for name, port in PORTS.items() if name not in BESIDE}


def test_every_storage_port_of_an_eraser_is_named() -> None:
    assert protocols(Eraser) == {name: PORTS[name] for name in BESIDE}


def protocols(holder: type) -> dict[str, object]:
    hints = get_type_hints(holder)
    assert is_dataclass(holder)
    return {f.name: hints[f.name] for f in fields(holder) if getattr(hints[f.name], "_is_protocol", False)}


@pytest.mark.parametrize("port", sorted(PORTS))
def test_what_only_reads_exists(port: str) -> None:
    assert READS[port] <= methods(PORTS[port])


def test_what_is_not_a_read_is_a_boundary() -> None:
    """A method that nobody named is one, and so is one of a port's parent."""

    class Bigger(Blobs, Protocol):
        def shred(self, path: str) -> None: ...

    assert methods(Bigger) == methods(Blobs) | {"shred"}
    every = {f"{port}.{method}" for port, protocol in PORTS.items() for method in methods(protocol)}
    reads = {f"{port}.{method}" for port, method in READ_CALLS}
    assert set(boundaries()) == every - reads


def test_what_writes_today_is_named() -> None:
    assert set(boundaries()) >= {
        "blobs.delete", "blobs.put", "documents.write", "log.append", "records.bury", "records.claim",
        "records.publish", "records.register", "records.release", "records.suspend",
    }  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("site"))
    site.upload(1, 1, 1)
    fill(site.open(), "run")
    order = Placed("o1", Stage.TRYON, "{}", ("key",), (), "2026-11-21T12:00:00Z")
    site.open().records.place(order)
    (site.folder / "blobs" / "users" / "u0000" / "half.part").write_bytes(b"half")
    return site


def arguments(method: object, known: Mapping[str, object]) -> Iterator[object]:
    """By the parameters' names, so that a new read needs no example of its own."""
    assert callable(method)
    for name, parameter in inspect.signature(method).parameters.items():
        if name != "self" and parameter.default is inspect.Parameter.empty:
            assert name in known, f"{method} takes {name!r}: add an example of it to this test"
            yield known[name]


@pytest.mark.parametrize(("port", "method"), READ_CALLS)
def test_a_read_changes_nothing(site: Site, port: str, method: str) -> None:
    """On the real stores: the same files with the same bytes, and the same rows."""
    pipeline = site.open()
    record = next(iter(pipeline.records.of_user("u0000")))
    known = {
        "item_ids": ["t0000"],
        "release_id": pipeline.release().id,
        "kind": UploadKind.USER, "upload_id": "u0000", "user_id": "u0000", "user": "u0000", "path": record.path,
        "prefix": "users/", "keys": [record.key], "products": [record.input], "upload": record.uploads[0],
        "uploads": record.uploads, "paths": [record.path], "run_id": "run", "day": "2026-11-21", "limit": 5,
        "order_id": "o1",
    }  # fmt: skip
    before = contents(site)
    holder = Eraser(pipeline, site.archive(), lambda kind, upload_id: None) if port in BESIDE else pipeline
    answer = getattr(getattr(holder, port), method)(*arguments(getattr(PORTS[port], method), known))
    assert answer is not None
    assert not inspect.isgenerator(answer) or list(answer)
    assert contents(site) == before


def contents(site: Site) -> dict[str, object]:
    files = {
        str(p): p.read_bytes() for p in Path(site.folder).rglob("*") if p.is_file() and "sqlite" not in p.name
    }
    database = Database(site.folder / "fashion.sqlite")
    rows = [list(database.connection().iterdump())]
    database.close()
    return {**files, "rows": rows}


def test_every_store_of_a_pipeline_can_be_watched(site: Site) -> None:
    """Otherwise a boundary would never be reached by the checks that kill there."""
    seen: set[str] = set()

    def note(name: str, call: object) -> object:
        seen.add(name.partition(".")[0])
        assert callable(call)
        return call()

    pipeline = site.open(note)
    fill(pipeline, "again")
    pipeline.documents.read("u0000")
    site.archive(note).copies()
    assert seen == set(PORTS)
    assert watch(note)("blobs", pipeline.blobs) is not pipeline.blobs
