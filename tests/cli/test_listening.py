"""Sockets that services listen on."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from fashion_assets.commands.listening import bound
from tryon.core.errors import FashionError


def test_no_answer_waits_for_an_acknowledgement() -> None:
    """40 ms for each answer on a connection that is kept, on every machine."""
    with closing(bound(0, "FASHION_X")) as door, closing(socket.create_connection(door.getsockname())):
        accepted, _ = door.accept()
        with closing(accepted):
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_a_port_that_is_taken_is_named_with_its_setting() -> None:
    with closing(bound(0, "FASHION_X")) as door:
        port = door.getsockname()[1]
        with pytest.raises(FashionError, match=rf"port {port} of 127\.0\.0\.1 cannot be used .* FASHION_X"):
            bound(port, "FASHION_X")
