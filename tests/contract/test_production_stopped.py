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

from tests.peers.modal_peer import ModalPeer, listening
from tests.production import Cloud, Shop, work_on_modal
from tryon.stores.firestore.client import Firestore
from tryon.stores.firestore.records import FirestoreRecords

pytestmark = pytest.mark.battery


@pytest.fixture
def modal(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModalPeer]:
    """Its calls never end by themselves."""
    with listening(ModalPeer()) as peer:
        work_on_modal(peer, monkeypatch)
        yield peer


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_command_cancels_its_calls(
    modal: ModalPeer, cloud: Cloud, tmp_path: Path, number: signal.Signals
) -> None:
    shop = Shop(cloud, tmp_path / "photos")
    shop.stock()
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
