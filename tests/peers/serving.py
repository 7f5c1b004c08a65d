"""Peers on a loopback socket for as long as a test needs them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import TypeVar


class Closing(ThreadingHTTPServer):
    """closing: set when the test is over, so that no answer is waited for any longer."""

    closing: threading.Event


P = TypeVar("P", bound=Closing)


def free_port() -> int:
    """For a program that must be told its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(peer: P) -> Iterator[P]:
    with peer:
        thread = threading.Thread(target=peer.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield peer
        finally:
            peer.closing.set()
            peer.shutdown()
            thread.join()
