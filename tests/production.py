"""The production profile over loopback peers: its environment, and the peers themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from google.cloud import firestore as google

from bench.uploads import write_item, write_user
from tests.peers.cloudinary_peer import CloudinaryPeer, cloudinary_peer
from tests.peers.firestore_emulator import Emulator
from tests.peers.modal_peer import TOKEN_ID, TOKEN_SECRET, ModalPeer
from tests.peers.supabase_peer import SupabasePeer, key_of, supabase_peer

RECEIPT_KEY = "a receipt key of many letters"
NOWHERE = {
    "FASHION_PROFILE": "production",
    "NEXT_PUBLIC_SUPABASE_URL": "https://shop.supabase.example",
    "NEXT_PUBLIC_SUPABASE_ANON_KEY": key_of("anon").get_secret_value(),
    "SUPABASE_SERVICE_ROLE_KEY": key_of("service_role").get_secret_value(),
    "CLOUDINARY_URL": "cloudinary://123456789012345:a-secret@Demo-cloud",
    "GOOGLE_CLOUD_PROJECT": "shop",
    "FASHION_RECEIPT_KEY": RECEIPT_KEY,
    "OPENAI_API_KEY": "sk-a-secret",
    "MODAL_TOKEN_ID": "ak-a-token",
    "MODAL_TOKEN_SECRET": "as-a-secret",
}
"""Everything that the profile needs, leading nowhere."""


@dataclass(frozen=True)
class Cloud:
    """The systems, and the environment that leads to them."""

    supabase: SupabasePeer
    cloudinary: CloudinaryPeer
    emulator: Emulator
    project: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            **NOWHERE,
            "FASHION_COMPUTE": "in-process",
            "NEXT_PUBLIC_SUPABASE_URL": self.supabase.address,
            "SUPABASE_SERVICE_ROLE_KEY": self.supabase.key.get_secret_value(),
            "CLOUDINARY_URL": f"{self.cloudinary.url.get_secret_value()}?upload_prefix={self.cloudinary.address}",
            "GOOGLE_CLOUD_PROJECT": self.project,
            "FIRESTORE_EMULATOR_HOST": self.emulator.host,
        }

    def enter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)


def work_on_modal(peer: ModalPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of in this process."""
    monkeypatch.setenv("FASHION_COMPUTE", "modal")
    monkeypatch.setenv("MODAL_TOKEN_ID", TOKEN_ID)
    monkeypatch.setenv("MODAL_TOKEN_SECRET", TOKEN_SECRET)
    monkeypatch.setenv("MODAL_SERVER_URL", peer.address)


@contextmanager
def production(emulator: Emulator) -> Iterator[Cloud]:
    """Empty buckets, an empty account, and a project of its own."""
    with supabase_peer("uploads", "fashion") as supabase, cloudinary_peer() as cloudinary:
        cloud = Cloud(supabase, cloudinary, emulator, f"shop-{uuid4().hex[:12]}")
        yield cloud


class Shop:
    """What the shop's app does: photos into the bucket, and users' documents with whatever else it keeps in them."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.cloud, self._folder = cloud, folder
        self.firestore = google.Client(project=cloud.project)

    def stock(self) -> None:
        """Two items and a user."""
        self.add_item("t1", "tops", 1)
        self.add_item("b1", "bottoms", 2)
        self.add_user("ann", 3)

    def add_item(self, item: str, category: str, seed: int) -> None:
        write_item(self._folder, item, [category], seed)
        for name, suffix in (("photo.png", "png"), ("item.json", "json")):
            data = (self._folder / "items" / f"{item}.{suffix}").read_bytes()
            self.cloud.supabase.lay("uploads", f"items/{item}/{name}", data)

    def add_user(self, user: str, seed: int) -> None:
        write_user(self._folder, user, seed)
        data = (self._folder / "users" / f"{user}.png").read_bytes()
        self.cloud.supabase.lay("uploads", f"users/{user}/photo.png", data)
        self.document(user).set(
            {
                "consent": {"version": "2026-01", "at": datetime(2026, 11, 1, 9, tzinfo=UTC)},
                "name": "somebody",
                "joined": datetime(2026, 10, 1, tzinfo=UTC),
                "home": google.GeoPoint(52.5, 13.4),
            }
        )

    def photo_elsewhere(self, user: str, seed: int) -> str:
        """Of a user, in a public bucket of the app; its address."""
        write_user(self._folder, user, seed)
        supabase = self.cloud.supabase
        supabase.buckets.setdefault("avatars", {})
        supabase.public.add("avatars")
        supabase.lay("avatars", f"{user}.png", (self._folder / "users" / f"{user}.png").read_bytes())
        return f"{supabase.address}/storage/v1/object/public/avatars/{user}.png"

    def document(self, user: str) -> Any:
        return self.firestore.collection("users").document(user)

    def close(self) -> None:
        self.firestore.close()  # type: ignore[no-untyped-call]
