"""What Prometheus reads of one service: requests, errors, the queue, cold starts, the GPU and the process.

Labels are few and known: the service, a route's template (`/users/{user}`), a method, a status. Never an id, an
address or anything else that a caller made up.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    Summary,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

BUCKETS = (
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    20.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
)
"""Seconds: from a lookup to the longest request that is waited for."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""A client may send any word for a method; each other one counts as `other`."""
NO_ROUTE = "none"
"""The route of a request that no route takes."""
GPU = {
    "readable": "Whether the driver answered: 1 or 0.",
    "memory_used_bytes": "Used by every process on this GPU.",
    "memory_bytes": "What the GPU has.",
    "utilisation_ratio": "Share of the time in which it worked, 0 to 1.",
}
LABELS = ("service", "gpu")
NO_FIGURE = frozenset({"NVMLError_NotSupported", "NVMLError_NoPermission"})
"""Errors of the driver's library by name, which is imported by torch alone."""


class Metrics:
    """service: its name, a label of everything, since one Prometheus reads several services."""

    def __init__(self, service: str) -> None:
        self._service, self._registry = service, CollectorRegistry(auto_describe=True)
        here = self._registry
        asked = ("service", "route", "method")
        self._requests = Counter(
            "fashion_http_requests", "Requests that were answered.", (*asked, "status_class"), registry=here
        )
        self._errors = Counter(
            "fashion_http_errors", "Answers from status 400 on.", (*asked, "status"), registry=here
        )
        self._seconds = Histogram(
            "fashion_http_request_seconds",
            "From request to last byte.",
            asked,
            buckets=BUCKETS,
            registry=here,
        )
        self._queue = Gauge(
            "fashion_queue_length",
            "Requests that wait for the model or hold it.",
            ("service",),
            registry=here,
        )
        self._cold = Summary("fashion_cold_start_seconds", "Loading the models.", ("service",), registry=here)
        self._queue.labels(service), self._cold.labels(service)
        ProcessCollector(registry=here)
        here.register(_Gpus(service))

    def asked(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request was answered. route: its template; empty where no route takes it."""
        labels = (self._service, route or NO_ROUTE, method if method in METHODS else "other")
        self._requests.labels(*labels, f"{status // 100}xx").inc()
        self._seconds.labels(*labels).observe(seconds)
        if status >= 400:
            self._errors.labels(*labels, str(status)).inc()

    def queued(self, depth: int) -> None:
        """depth: requests that wait for the model, and the one that holds it."""
        self._queue.labels(self._service).set(depth)

    def loaded(self, seconds: float) -> None:
        """A cold start ended: the models are there."""
        self._cold.labels(self._service).observe(seconds)

    def render(self) -> tuple[bytes, str]:
        """(body, content type) of a scrape."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST


class _Gpus(Collector):
    """Read at a scrape, and only where this process uses CUDA already: nothing is imported or started for it."""

    def __init__(self, service: str) -> None:
        self._service = service

    def describe(self) -> list[GaugeMetricFamily]:
        return list(self._families().values())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        cuda = _cuda()
        if cuda is None:
            return
        families = self._families()
        for number in range(cuda.device_count()):
            for name, value in _read(cuda, number).items():
                families[name].add_metric((self._service, str(number)), value)
        yield from families.values()

    def _families(self) -> dict[str, GaugeMetricFamily]:
        return {
            name: GaugeMetricFamily(f"fashion_gpu_{name}", text, labels=LABELS) for name, text in GPU.items()
        }


def _cuda() -> Any:
    """torch.cuda where this process has begun to use it, else None."""
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    return cuda if cuda is not None and cuda.is_initialized() else None


def _read(cuda: Any, number: int) -> dict[str, float]:
    """A GPU that broke still lets everything else be read: it is `readable` 0 then, and has no other figures."""
    try:
        free, size = cuda.mem_get_info(number)
    except RuntimeError:
        return {"readable": 0.0}
    found = {"readable": 1.0, "memory_used_bytes": float(size - free), "memory_bytes": float(size)}
    return found | _utilisation(cuda, number)


def _utilisation(cuda: Any, number: int) -> dict[str, float]:
    """Nothing where torch has no driver's library to ask (nvidia-ml-py), or the driver no figure (a part of a GPU)."""
    try:
        return {"utilisation_ratio": float(cuda.utilization(number)) / 100}
    except ModuleNotFoundError:
        return {}
    except Exception as error:
        if type(error).__name__ not in NO_FIGURE:
            raise
        return {}
