"""Somebody ends a process of the production profile while calls on Modal are in flight."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.modal_peer import TOKEN_ID, TOKEN_SECRET, ModalPeer, listening
from tests.production import Cloud, Shop
from tryon.stores.firestore.client import Firestore
from tryon.stores.firestore.records import FirestoreRecords


@pytest.fixture
def modal(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModalPeer]:
    """Its calls never end by themselves."""
    monkeypatch.setenv("FASHION_COMPUTE", "modal")
    monkeypatch.setenv("MODAL_TOKEN_ID", TOKEN_ID)
    monkeypatch.setenv("MODAL_TOKEN_SECRET", TOKEN_SECRET)
    with listening(ModalPeer()) as peer:
        monkeypatch.setenv("MODAL_SERVER_URL", peer.address)
        yield peer


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_command_cancels_its_calls(
    modal: ModalPeer, cloud: Cloud, tmp_path: Path, number: signal.Signals
) -> None:
    shop = Shop(cloud, tmp_path / "photos")
    shop.add_item("t1", "tops", 1)
    shop.add_item("b1", "bottoms", 2)
    shop.add_user("ann", 3)
    shop.close()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.cli.null_fashion", "pregenerate"],
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not modal.calls:
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline, "no call was made"
            time.sleep(0.05)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert [call.cancelled for call in modal.calls.values()] == [True], said
    assert process.returncode == 130, said
    assert "stopped; what was published stays" in said
    store = Firestore(cloud.project)
    records = FirestoreRecords(store)
    assert (records.orders(), records.leases()) == ([], [])
    store.close()
