"""The data folder's receipts of erasures, the key that signs them, and the pictures drawn beside the stores."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from tryon.core.errors import InvalidSetting
from tryon.stores.files import FolderSync

SHORTEST_KEY = 16
"""Characters of FASHION_RECEIPT_KEY; a shorter one could be guessed from one receipt."""


class LocalArchive:
    """secret: FASHION_RECEIPT_KEY; empty: a random key of this folder's own, made at its first use."""

    def __init__(self, data: Path, secret: str = "") -> None:
        self._receipts, self._key_file = data / "receipts", data / "receipt.key"
        self._pictures = (data / "contact_sheet.jpg",)
        self._secret = secret

    def key(self) -> bytes:
        """Raises InvalidSetting for a key that is too short."""
        if not self._secret:
            return self._own_key()
        if len(self._secret) < SHORTEST_KEY:
            raise InvalidSetting(
                f"FASHION_RECEIPT_KEY is shorter than {SHORTEST_KEY} characters; take a longer one"
            )
        return self._secret.encode()

    def has_key(self) -> bool:
        return bool(self._secret) or self._key_file.is_file()

    def _own_key(self) -> bytes:
        if not self._key_file.is_file():
            part = _written(self._key_file.parent, secrets.token_hex(32).encode())
            try:
                os.link(part, self._key_file)
            except FileExistsError:
                pass  # Another process was first; its key counts.
            finally:
                part.unlink()
            FolderSync(self._key_file.parent).sync()
        return self._key_file.read_bytes()

    def keep(self, name: str, text: str) -> str:
        self._receipts.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.replace(_written(self._receipts, text.encode()), self._receipts / name)
        FolderSync(self._receipts).sync()
        return str(self._receipts / name)

    def copies(self) -> tuple[str, ...]:
        return tuple(path.name for path in self._pictures if path.is_file())

    def drop_copies(self) -> int:
        there = [path for path in self._pictures if path.is_file()]
        for path in there:
            path.unlink(missing_ok=True)
            FolderSync(path.parent).sync()
        return len(there)


def _written(folder: Path, data: bytes) -> Path:
    """A new file that only its owner can read (mkstemp makes it 0600), synced."""
    handle, part = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return Path(part)
