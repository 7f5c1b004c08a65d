"""`fashion add-user` and `add-item`: a photo is checked, then stored with its sidecar, or refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from fashion_assets.commands import opening
from fashion_assets.commands.terminal import OK, Terminal
from tryon.core.errors import BadInput, UnknownUpload
from tryon.core.images import SUFFIXES, decode
from tryon.core.uploads import UploadKind, read_sidecar
from tryon.core.words import check_id
from tryon.stores.disk import named_errors, write_whole
from tryon.stores.folder_uploads import FOLDERS


def add_user(
    terminal: Terminal, user: str, photo: Path, version: str | None, at: datetime | None, replace: bool
) -> int:
    if not version:
        raise BadInput(
            f"user {user!r} has no consent; say which version was agreed to, as in --consent-version 2026-01"
        )
    agreed = (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    sidecar = {"consent": {"version": version, "at": agreed}}
    return _add(terminal, UploadKind.USER, user, photo, sidecar, replace)


def add_item(terminal: Terminal, item: str, photo: Path, categories: list[str], replace: bool) -> int:
    return _add(terminal, UploadKind.ITEM, item, photo, {"categories": categories}, replace)


_CLOUD = {
    UploadKind.USER: "put the photo at users/ID/photo.jpg of the Supabase bucket 'uploads', and the consent into the "
    "Firestore document users/ID",
    UploadKind.ITEM: "put the photo at items/ID/photo.jpg of the Supabase bucket 'uploads', and its categories into "
    "items/ID/item.json",
}


def _add(
    terminal: Terminal,
    kind: UploadKind,
    upload_id: str,
    photo: Path,
    sidecar: Mapping[str, object],
    replace: bool,
) -> int:
    opening.for_folders_only(terminal.settings, f"add-{kind}", _CLOUD[kind])
    stored = store(terminal.settings.data / "uploads", kind, upload_id, photo.read_bytes(), sidecar, replace)
    facts = {
        "kind": kind.value,
        "id": upload_id,
        "photo": str(stored),
        "replaced": replace,
        "sidecar": dict(sidecar),
    }
    terminal.answer(facts, f"{kind} {upload_id} is stored as {stored}; next: [bold]fashion pregenerate[/]")
    return OK


def store(
    uploads: Path, kind: UploadKind, upload_id: str, data: bytes, sidecar: Mapping[str, object], replace: bool
) -> Path:
    """Write both files so that a reader sees old or new ones, never half of one.

    Raises BadInput (InvalidId, InvalidSidecar, ImageRejected ...) before anything is written.
    """
    check_id(upload_id, f"{kind} id")
    text = json.dumps(sidecar, indent=2)
    read_sidecar(kind, upload_id, text)
    folder = uploads / FOLDERS[kind]
    before = _photos(folder, upload_id)
    _check_replace(kind, upload_id, before, replace)
    target = folder / f"{upload_id}{_suffix(decode(data).format)}"
    with named_errors(folder):
        uploads.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # Photos of people lie in it.
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / f"{upload_id}.json", text.encode())
        write_whole(target, data)
    for photo in before:
        # After the new one is there: between the two, the upload is rejected for having several photos.
        if photo != target:
            photo.unlink()
    return target


def _check_replace(kind: UploadKind, upload_id: str, before: list[Path], replace: bool) -> None:
    if before and not replace:
        raise BadInput(
            f"{kind} {upload_id!r} exists already ({before[0].name}); add --replace to change its photo, or "
            "take another id"
        )
    if replace and not before:
        raise UnknownUpload(f"there is no {kind} {upload_id!r} to replace; leave --replace out")


def _photos(folder: Path, upload_id: str) -> list[Path]:
    return [path for path in folder.glob(f"{upload_id}.*") if path.suffix != ".json"]


def _suffix(image_format: str) -> str:
    """The bytes decide what a file is, whatever it was called."""
    return next(suffix for suffix, named in SUFFIXES.items() if named == image_format)
