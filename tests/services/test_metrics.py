"""What Prometheus reads: few labels, no ids, a GPU only where the process uses one."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.docs.pages import ROOT, rows, sections
from tryon.services.front.metrics import BUCKETS, GPU, Metrics

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(metrics: Metrics) -> Samples:
    body, kind = metrics.render()
    assert kind.startswith("text/plain; version=")
    families = text_string_to_metric_families(body.decode())
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def one(metrics: Metrics, name: str, **labels: str) -> float | None:
    return read(metrics).get((name, frozenset({"service": "tryon", **labels}.items())))


class Card:
    """torch.cuda with one GPU. broken: raised by a reading."""

    def __init__(
        self, busy: float | Exception = 50, broken: Exception | None = None, begun: bool = True
    ) -> None:
        self._busy, self._broken, self._begun = busy, broken, begun

    def is_initialized(self) -> bool:
        return self._begun

    def device_count(self) -> int:
        return 1

    def mem_get_info(self, number: int) -> tuple[int, int]:
        if self._broken:
            raise self._broken
        return 30, 80

    def utilization(self, number: int) -> float:
        if isinstance(self._busy, Exception):
            raise self._busy
        return self._busy


class NVMLError_NotSupported(Exception):
    """As the driver's library names it."""


def on(card: Card, monkeypatch: pytest.MonkeyPatch) -> Samples:
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=card))
    found = read(Metrics("tryon"))
    return {key: value for key, value in found.items() if key[0].startswith("fashion_gpu")}


def named(samples: Samples) -> dict[str, float]:
    return {name.removeprefix("fashion_gpu_"): value for (name, _), value in samples.items()}


# Requests


def test_requests_are_counted_by_route_method_and_class_of_status() -> None:
    metrics = Metrics("tryon")
    for status in (200, 201, 404, 503, 503):
        metrics.asked("/api/try-on", "POST", status, 0.2)
    asked = {"route": "/api/try-on", "method": "POST"}
    counts = [
        one(metrics, "fashion_http_requests_total", **asked, status_class=c) for c in ("2xx", "4xx", "5xx")
    ]
    assert counts == [2, 1, 2]
    assert one(metrics, "fashion_http_errors_total", **asked, status="503") == 2
    assert one(metrics, "fashion_http_errors_total", **asked, status="200") is None


def test_durations_give_the_mean_and_fall_into_buckets() -> None:
    metrics = Metrics("tryon")
    for seconds in (0.004, 0.3, 400.0, 4000.0):
        metrics.asked("/health", "GET", 200, seconds)
    asked = {"route": "/health", "method": "GET"}
    name = "fashion_http_request_seconds"
    assert one(metrics, f"{name}_sum", **asked) == pytest.approx(4400.304)
    below = [
        one(metrics, f"{name}_bucket", **asked, le=le) for le in ("0.005", "0.25", "0.5", "600.0", "+Inf")
    ]
    assert below == [1, 1, 2, 3, 4]
    assert (BUCKETS[0], BUCKETS[-1]) == (0.005, 600)


def test_no_route_and_made_up_methods_make_no_labels_of_their_own() -> None:
    metrics = Metrics("tryon")
    for number in range(100):
        metrics.asked("", f"MADE-UP-{number}", 404, 0.0)
    labels = {"route": "none", "method": "other", "status_class": "4xx"}
    assert one(metrics, "fashion_http_requests_total", **labels) == 100
    assert b"MADE-UP" not in metrics.render()[0]


# The queue, cold starts, the process


def test_the_queue_is_what_it_was_last_and_nothing_at_first() -> None:
    metrics = Metrics("tryon")
    assert one(metrics, "fashion_queue_length") == 0
    metrics.queued(3)
    metrics.queued(1)
    assert one(metrics, "fashion_queue_length") == 1


def test_cold_starts_are_counted_with_their_seconds() -> None:
    metrics = Metrics("tryon")
    assert one(metrics, "fashion_cold_start_seconds_count") == 0
    metrics.loaded(2.5)
    metrics.loaded(30)
    assert one(metrics, "fashion_cold_start_seconds_count") == 2
    assert one(metrics, "fashion_cold_start_seconds_sum") == 32.5


def test_two_services_of_one_process_count_apart() -> None:
    crops, masks = Metrics("crops"), Metrics("masks")
    crops.asked("/crop", "POST", 200, 1.0)
    assert b"/crop" in crops.render()[0]
    assert b"/crop" not in masks.render()[0]


def test_the_process_is_measured() -> None:
    assert read(Metrics("tryon"))["process_resident_memory_bytes", frozenset()] > 1_000_000


# The GPU


def test_a_gpu_in_use_is_read_at_the_scrape(monkeypatch: pytest.MonkeyPatch) -> None:
    found = on(Card(busy=75), monkeypatch)
    assert named(found) == {
        "readable": 1,
        "memory_used_bytes": 50,
        "memory_bytes": 80,
        "utilisation_ratio": 0.75,
    }
    assert {labels for _, labels in found} == {frozenset({("service", "tryon"), ("gpu", "0")})}
    assert set(named(found)) == set(GPU)


@pytest.mark.parametrize(
    "error", [ModuleNotFoundError("nvidia-ml-py"), NVMLError_NotSupported("a part of a GPU")]
)
def test_where_the_driver_has_no_figure_there_is_none(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    assert set(named(on(Card(busy=error), monkeypatch))) == {"readable", "memory_used_bytes", "memory_bytes"}


def test_a_broken_gpu_does_not_hide_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    assert named(on(Card(broken=RuntimeError("CUDA error: unspecified launch failure")), monkeypatch)) == {
        "readable": 0
    }


def test_a_gpu_that_is_not_used_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert on(Card(begun=False), monkeypatch) == {}


def test_a_scrape_imports_no_torch() -> None:
    code = """if True:
        import sys
        from tryon.services.front.metrics import Metrics
        Metrics("tryon").render()
        print("torch" in sys.modules)
    """
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


# The page


def test_every_metric_is_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=Card()))
    metrics = Metrics("tryon")
    metrics.asked("/", "GET", 500, 1.0)
    families: Any = text_string_to_metric_families(metrics.render()[0].decode())
    ours = {
        family.name for family in families if family.name.startswith("fashion") and family.type != "unknown"
    }
    table = rows(sections(ROOT / "docs/metrics.md")["Metrics"])[1:]
    documented = {row[0].strip("`").removesuffix("_total") for row in table}
    assert documented - {"process_*"} == {name for name in ours if not name.endswith("_created")}
