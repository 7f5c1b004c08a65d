"""What an auditor looks for after an erasure: digests and bytes of the photo and of all that was made from it, in
every file of the data folder."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from tryon.core.pipeline import Pipeline
from tryon.core.records import BlobFacts
from tryon.core.uploads import UploadKind, UploadRef

WINDOW = 64
"""Bytes from the middle of a file; files shorter than that are looked for as a whole."""


def ref_of(pipeline: Pipeline, kind: UploadKind, upload_id: str) -> UploadRef:
    return next(k.ref for k in pipeline.records.kept() if (k.ref.kind, k.ref.id) == (kind, upload_id))


def secrets_of(pipeline: Pipeline, kind: UploadKind, upload_id: str) -> dict[str, bytes]:
    """What must not be found afterwards, by a label. Bytes that other results have too (equal masks of made-up
    people, the grid of every made-up splat) are no secret."""
    upload = ref_of(pipeline, kind, upload_id)
    photo = pipeline.uploads.open(kind, upload_id)
    found = {"photo": middle(photo), **digests("photo", sha256(photo).hexdigest())}
    everyone = [None, *(user.id for user in pipeline.records.users())]
    records = [
        r for user in everyone for r in pipeline.records.find([*pipeline.records.standings(user)]).values()
    ]
    others = {
        r.result.sha256: r.path
        for r in records
        if upload not in r.uploads and isinstance(r.result, BlobFacts)
    }
    common = b"".join(map(pipeline.blobs.get, others.values()))
    for record in pipeline.records.of_upload(upload):
        what = f"{record.user} {record.stage} {record.name}"
        found[f"key of {what}"] = record.key.encode()
        if isinstance(record.result, BlobFacts) and record.result.sha256 not in others:
            found |= digests(what, record.result.sha256)
            window = middle(pipeline.blobs.get(record.path))
            found |= {f"bytes of {what}": window} if window not in common else {}
    return found


def remains(data: Path, secrets: dict[str, bytes]) -> list[str]:
    """Label and file of everything that is still there."""
    files = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    return sorted(
        f"{label} in {path.relative_to(data)}"
        for path, text in files.items()
        for label, secret in secrets.items()
        if secret in text
    )


def digests(what: str, sha: str) -> dict[str, bytes]:
    return {f"digest of {what}": sha.encode(), f"raw digest of {what}": bytes.fromhex(sha)}


def middle(data: bytes) -> bytes:
    start = max(0, len(data) // 2 - WINDOW // 2)
    return data[start : start + WINDOW]
