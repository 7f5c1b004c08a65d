"""A wire to the Firestore emulator that breaks on command: away altogether, or one answer is lost on its way back."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

HEADERS, HEAD = 1, 9
"""HTTP/2: the type of the frame that begins an answer, and the bytes before every frame's payload."""


LATE_SECONDS = 0.05


class Wire:
    """host: as FIRESTORE_EMULATOR_HOST wants it. lost: how many answers were. fault_rate: how many answers of one are
    lost, or come late, by chance."""

    def __init__(self, target: str) -> None:
        name, _, port = target.partition(":")
        self._target = (name, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._away, self._until_lost = False, 0
        self.lost, self.late, self.fault_rate = 0, 0, 0.0
        self._random = random.Random(7)
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_answer(self, number: int) -> None:
        """Of those that come from now on, from 1: Firestore has done the work, and the caller never learns it."""
        with self._lock:
            self._until_lost = number

    def go_away(self) -> None:
        with self._lock:
            self._away = True
        self._cut()

    def come_back(self) -> None:
        with self._lock:
            self._away = False

    def close(self) -> None:
        self._listener.close()
        self._cut()

    def _cut(self) -> None:
        with self._lock:
            found, self._open = self._open, set()
        for one in found:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                away = self._away
            if away:
                near.close()
                continue
            far = socket.create_connection(self._target)
            with self._lock:
                self._open |= {near, far}
            threading.Thread(target=self._asks, args=(near, far), daemon=True).start()
            threading.Thread(target=self._answers, args=(far, near), daemon=True).start()

    def _asks(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := near.recv(65536):
                far.sendall(data)
        self._end(near, far)

    def _answers(self, far: socket.socket, near: socket.socket) -> None:
        begun: set[int] = set()
        with suppress(OSError):
            for stream, kind, frame in _frames(far):
                if kind == HEADERS and stream not in begun:
                    begun.add(stream)
                    if self._is_lost() or self._by_chance():
                        break
                near.sendall(frame)
        self._end(near, far)

    def _is_lost(self) -> bool:
        with self._lock:
            mine = self._until_lost == 1
            self._until_lost = max(0, self._until_lost - 1)
            self.lost += mine
            return mine

    def _by_chance(self) -> bool:
        """Whether this answer is lost; the connection is, too."""
        with self._lock:
            chance, kind = self._random.random(), self._random.random()
            hit = chance < self.fault_rate
            lost = hit and kind < 0.5
            self.lost += lost
            self.late += hit and not lost
        if hit and not lost:
            time.sleep(LATE_SECONDS)
        return lost

    def _end(self, near: socket.socket, far: socket.socket) -> None:
        with self._lock:
            self._open -= {near, far}
        for one in (near, far):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def _frames(source: socket.socket) -> Iterator[tuple[int, int, bytes]]:
    """Stream, type and bytes of each HTTP/2 frame."""
    data = b""
    while True:
        while len(data) < HEAD or len(data) < HEAD + int.from_bytes(data[:3], "big"):
            more = source.recv(65536)
            if not more:
                return
            data += more
        size = HEAD + int.from_bytes(data[:3], "big")
        yield int.from_bytes(data[5:9], "big") & 0x7FFFFFFF, data[3], data[:size]
        data = data[size:]


@contextmanager
def wire_to(target: str) -> Iterator[Wire]:
    wire = Wire(target)
    try:
        yield wire
    finally:
        wire.close()
