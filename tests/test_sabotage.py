"""Rule 1 under attack: every way an engine or a disk can lie is refused by the real stages and the real gate.

Nothing is mocked but the engine that lies; verdicts, encoding, blobs and records are the real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tenacity import wait_none

from bench.null_engines import NullDresser, NullSplatter, null_stages
from bench.uploads import write_item, write_user
from tryon.core.masks import make_masks
from tryon.core.pipeline import Pipeline
from tryon.core.ports import Dressed, DressJob, Pixels, SplatJob
from tryon.core.records import Record
from tryon.core.rollout import confirm, prepare
from tryon.core.splats import Gaussians
from tryon.core.stages.desk import Patience
from tryon.core.words import Refused
from tryon.settings import Settings
from tryon.stores.files import FileBlobs
from tryon.wiring import build

Lie = Callable[[DressJob, Pixels], Pixels]
USER, TOP, BOTTOM = "u1", "t1", "b1"


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    """One user, a top and a bottom, with crops and masks made."""
    write_user(tmp_path / "uploads", USER, 1, width=192, height=256)
    write_item(tmp_path / "uploads", TOP, ["tops"], 1, side=160)
    write_item(tmp_path / "uploads", BOTTOM, ["bottoms"], 2, side=160)
    made = build(
        Settings(data=tmp_path), lambda event: None, null_stages, Patience(attempts=2, wait=wait_none())
    )
    made.reconcile()
    assert not made.make_crops([TOP, BOTTOM], "r0").failed
    assert not made.make_masks([USER], "r0").failed
    return made


def tryon(pipeline: Pipeline) -> Record | str:
    """The verdict on the user in the top, or the failure's message."""
    (entry,) = pipeline.make_singles([(USER, TOP)], "r1").entries
    return entry.record or entry.message


def lie(monkeypatch: pytest.MonkeyPatch, how: Lie) -> None:
    honest = NullDresser.dress

    def dress(self: NullDresser, batch: Sequence[DressJob]) -> list[Dressed | Refused]:
        answers = honest(self, batch)
        return [
            Dressed(how(job, answer.image)) if isinstance(answer, Dressed) else answer
            for job, answer in zip(batch, answers, strict=True)
        ]

    monkeypatch.setattr(NullDresser, "dress", dress)


def blank(job: DressJob, image: Pixels) -> Pixels:
    return np.full_like(image, 128)


def unchanged(job: DressJob, image: Pixels) -> Pixels:
    return job.person


def wrong_garment(job: DressJob, image: Pixels) -> Pixels:
    """The garment's colours, inverted."""
    return np.where(job.region[..., None] > 0, 255 - image, image)


def shifted_mask(job: DressJob, image: Pixels) -> Pixels:
    """Painted a tenth of the height too low."""
    moved = np.roll(job.region, job.region.shape[0] // 10, axis=0) > 0
    return np.where(moved[..., None], np.roll(image, job.region.shape[0] // 10, axis=0), job.person)


def wrong_size(job: DressJob, image: Pixels) -> Pixels:
    return np.ascontiguousarray(image[::2, ::2])


def test_the_honest_engine_is_published(pipeline: Pipeline) -> None:
    record = tryon(pipeline)
    assert isinstance(record, Record)
    assert not isinstance(record.result, Refused)


@pytest.mark.parametrize(
    ("how", "codes"),
    [
        (blank, {"tryon_blank", "tryon_outside_changed"}),
        (unchanged, {"tryon_unchanged"}),
        (wrong_garment, {"tryon_wrong_garment"}),
        (shifted_mask, {"tryon_outside_changed"}),
        (wrong_size, {"tryon_size"}),
    ],
)
def test_a_lying_dresser_is_refused(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, how: Lie, codes: set[str]
) -> None:
    lie(monkeypatch, how)
    record = tryon(pipeline)
    assert isinstance(record, Record)
    assert isinstance(record.result, Refused)
    assert record.result.code in codes
    assert not [path for path in pipeline.blobs.list(f"users/{USER}/") if path.endswith(".webp")]


def nan(gaussians: Gaussians) -> Gaussians:
    positions = gaussians.positions.copy()
    positions[7, 1] = np.nan
    return replace(gaussians, positions=positions)


def infinite(gaussians: Gaussians) -> Gaussians:
    return replace(gaussians, scales=np.full_like(gaussians.scales, np.inf))


def another_look(gaussians: Gaussians) -> Gaussians:
    return replace(gaussians, colors=1 - gaussians.colors)


@pytest.mark.parametrize(
    ("how", "code"),
    [(nan, "splat_not_finite"), (infinite, "splat_not_finite"), (another_look, "splat_wrong_image")],
)
def test_a_lying_splatter_is_refused(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, how: Callable[[Gaussians], Gaussians], code: str
) -> None:
    honest = NullSplatter.splat

    def splat(self: NullSplatter, batch: Sequence[SplatJob]) -> list[Gaussians | Refused]:
        return [how(answer) if isinstance(answer, Gaussians) else answer for answer in honest(self, batch)]

    monkeypatch.setattr(NullSplatter, "splat", splat)
    pipeline.make_two_piece([(USER, BOTTOM)], "r1")
    (entry,) = pipeline.make_splats([(USER, BOTTOM)], "r1").entries
    assert entry.refusal is not None
    assert entry.refusal.code == code


def test_a_disk_that_flips_a_bit_while_writing_publishes_nothing(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = FileBlobs.put

    def flip(self: FileBlobs, path: str, data: bytes) -> bool:
        return put(self, path, data[:-1] + bytes([data[-1] ^ 1]))

    monkeypatch.setattr(FileBlobs, "put", flip)
    message = tryon(pipeline)
    assert isinstance(message, str)
    assert "reads back differently" in message


def test_a_disk_that_lies_once_costs_a_retry_not_an_image(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, lies = FileBlobs.put, iter([True])

    def flip_once(self: FileBlobs, path: str, data: bytes) -> bool:
        return put(self, path, data[:-1] + b"!" if next(lies, False) else data)

    monkeypatch.setattr(FileBlobs, "put", flip_once)
    assert isinstance(tryon(pipeline), Record)


def test_a_bit_flipped_on_disk_later_is_noticed_before_it_is_used(pipeline: Pipeline) -> None:
    tryon(pipeline)
    assert isinstance(pipeline.blobs, FileBlobs)
    (crop,) = pipeline.blobs.list(f"items/{BOTTOM}/")
    file = pipeline.blobs.root / crop
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    (entry,) = pipeline.make_singles([(USER, BOTTOM)], "r2").entries
    assert entry.record is None
    assert "changed on disk" in entry.message


def test_a_mask_of_somebody_else_is_refused(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """The masks are judged against the parse they claim to come from."""
    honest = make_masks
    monkeypatch.setattr(
        "tryon.core.stages.masks.make_masks",
        lambda body: {
            kind: np.roll(mask, mask.shape[0] // 5, axis=0) if not isinstance(mask, Refused) else mask
            for kind, mask in honest(body).items()
        },
    )
    confirm(pipeline, prepare(pipeline, again=True))
    entries = pipeline.make_masks([USER], "r2").entries
    refused = {entry.product.name for entry in entries if entry.refusal}
    assert {"upper", "lower", "overall"} <= refused
