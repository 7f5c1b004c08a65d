"""Small versions of `python -m bench crash`, `faults` and `writers`: the same code, a smaller matrix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.crash import measure as crash
from bench.crash_child import When
from bench.faults import disturbed, one_call, undisturbed
from bench.faulty import BYTES, Fault, Faults, at_random, only
from bench.filling import Site, complete, fill
from bench.truth import half_there, repeated, unnamed_files, wrong_bytes
from bench.writers import measure as writers
from tryon.core.boundaries import READS, boundaries
from tryon.core.errors import StoreError
from tryon.core.rollout import confirm, prepare

SMALL = (1, 1, 1)


# The batteries


def test_killed_anywhere_a_rerun_ends_as_an_undisturbed_run() -> None:
    """Every boundary once, in the first flow that reaches it; `python -m bench crash` kills in all of them."""
    found = crash("crash-1x2", kills=2, dagster_kills=0, each=("middle",), whens=(When.AFTER,), repeat=False)
    assert (found["differing"], found["differences"]) == ([], 0)
    assert found["max_wasted_calls"] in range(0, 5)
    assert found["boundary_names"] == list(boundaries())
    assert found["orphans_after_audit"] == 0
    assert found["unreached"] == []
    assert found["boundary_kills"] == len(boundaries())


def test_a_fifth_of_all_store_calls_fail_and_nothing_is_lost() -> None:
    found = disturbed(0.2, SMALL, seed=3)
    assert found["published"] == found["expected"] == 12
    assert (found["lost"], found["duplicated"], found["wrong_bytes"]) == (0, 0, 0)
    assert int(str(found["reruns"])) > 0


@pytest.mark.parametrize(
    "name", ["records.publish", "blobs.put", "blobs.get", "log.append", "records.release"]
)
@pytest.mark.parametrize("fault", [Fault.RAISE, Fault.LIE, Fault.TRUNCATE])
def test_one_failing_call_leaves_nothing_half_published(name: str, fault: Fault) -> None:
    if fault is Fault.TRUNCATE and name not in BYTES:
        fault = Fault.TIME_OUT
    expected, names = undisturbed(SMALL)
    assert one_call(SMALL, names.index(name) + 1, fault, expected) == (0, 0)


def test_three_processes_make_each_product_once() -> None:
    found = writers(3, users=2, tops=1, bottoms=1)
    assert found["keys"] == found["engine_calls"] == 12
    assert (found["duplicates"], found["wrong_bytes"], found["products"]) == (0, 0, 22)


# They can tell


@pytest.fixture
def filled(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    site.upload(*SMALL)
    fill(site.open(), "run")
    return site


def test_what_is_right_is_called_right(filled: Site) -> None:
    pipeline = filled.open()
    assert (wrong_bytes(pipeline), half_there(pipeline), repeated(pipeline)) == (0, 0, 0)
    assert (unnamed_files(filled, pipeline), complete(pipeline)) == (set(), True)
    assert filled.calls.count == 7


def test_a_changed_a_missing_and_an_unnamed_file_are_seen(filled: Site) -> None:
    changed, missing, *_ = sorted((filled.folder / "blobs" / "users").rglob("*.webp"))
    changed.write_bytes(b"something else")
    missing.unlink()
    (filled.folder / "blobs" / "users" / "u0000" / "tmp1.part").write_bytes(b"half")
    pipeline = filled.open()
    assert wrong_bytes(pipeline) == 2
    assert unnamed_files(filled, pipeline) == {"blobs/users/u0000/tmp1.part"}


def test_a_second_generation_is_seen(filled: Site) -> None:
    pipeline = filled.open()
    confirm(pipeline, prepare(pipeline, again=True))
    pipeline.make_crops(["t0000"], "again")
    # Two records of one product, and one of them of a generation that nobody asked for.
    assert repeated(pipeline) == 2


def test_nothing_registered_is_not_complete(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.upload(*SMALL)
    assert not complete(site.open())


# The failing stores


def twelve() -> bytes:
    return b"twelve bytes"


@pytest.mark.parametrize(("fault", "error"), [
    (Fault.RAISE, StoreError), (Fault.TIME_OUT, TimeoutError), (Fault.LIE, ConnectionResetError),
])  # fmt: skip
def test_a_fault_is_what_its_name_says(fault: Fault, error: type[Exception]) -> None:
    done: list[int] = []
    with pytest.raises(error, match=r"blobs\.put"):
        Faults(only(1, fault))("blobs.put", lambda: done.append(1))
    assert done == ([1] if fault is Fault.LIE else [])


def test_only_the_chosen_call_fails_and_none_while_it_is_off() -> None:
    faults = Faults(only(2, Fault.RAISE))
    assert faults("blobs.get", twelve) == twelve()
    with pytest.raises(StoreError):
        faults("blobs.get", twelve)
    faults.names.clear()
    faults("blobs.get", twelve)
    with faults.off():
        assert faults("blobs.get", twelve) == twelve()
    assert len(faults.names) == 1


def test_truncated_bytes_are_a_beginning() -> None:
    faults = Faults(lambda number, name: Fault.TRUNCATE)
    cuts = [faults("blobs.get", twelve) for _ in range(20)]
    assert all(twelve().startswith(cut) and cut != twelve() for cut in cuts)
    assert len(set(cuts)) > 5


def test_the_share_of_failing_calls_is_the_rate() -> None:
    choose: Callable[[int, str], Fault | None] = at_random(0.2, seed=1)
    drawn = [choose(n, "blobs.get") for n in range(10_000)]
    assert 0.18 < sum(fault is not None for fault in drawn) / len(drawn) < 0.22
    assert set(drawn) == {None, *Fault}


def test_only_reads_of_bytes_are_cut_off() -> None:
    assert {name.partition(".")[2] for name in BYTES} == {"get", "open"}
    assert all(method in READS[port] for port, _, method in (name.partition(".") for name in BYTES))
    assert Fault.TRUNCATE not in {at_random(1.0, seed)(1, "records.find") for seed in range(100)}
