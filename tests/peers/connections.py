"""Every connection this process opens, by Python's own audit events: no library can connect past them."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

_spies: list[Connections] = []


class Connections:
    """seen: (host, port) of every attempt. let: ports that are really connected to; everything else is refused."""

    def __init__(self, let: Collection[int]) -> None:
        self.seen: list[tuple[str, int]] = []
        self._let = frozenset(let)

    def note(self, address: Any) -> None:
        if isinstance(address, tuple):
            self.seen.append((address[0], address[1]))
            if address[1] not in self._let:
                raise ConnectionRefusedError("refused by the test")


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        for spy in _spies:
            spy.note(args[1])


sys.addaudithook(_hook)


@contextmanager
def watched(*let: int) -> Iterator[Connections]:
    spy = Connections(let)
    _spies.append(spy)
    try:
        yield spy
    finally:
        _spies.remove(spy)
