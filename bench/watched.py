"""Something around every call of every store: to count it, to die at it, or to let it fail."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, TypeVar, cast

from tryon.wiring import Wrap

T = TypeVar("T")
StoreT = TypeVar("StoreT")


class Around(Protocol):
    """Makes the call, or does not. name: `port.method`, as in tryon.core.boundaries. Called from many threads."""

    def __call__(self, name: str, call: Callable[[], Any], /) -> Any: ...


class _Watched:
    """Stands in for any store: its methods go through `around`, its other attributes are the store's own."""

    def __init__(self, port: str, store: object, around: Around) -> None:
        self._port, self._store, self._around = port, store, around

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._store, name)
        if not callable(real):
            return real
        return lambda *args, **named: self._around(f"{self._port}.{name}", partial(real, *args, **named))


def watch(around: Around) -> Wrap:
    """For `wrap` of tryon.wiring.build."""

    def wrap(port: str, store: StoreT, /) -> StoreT:
        return cast(StoreT, _Watched(port, store, around))

    return wrap
