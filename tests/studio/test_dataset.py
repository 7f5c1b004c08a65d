"""The training set can be interrupted and resumed, and its people are as varied as they are repeatable."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from studio import dataset
from studio.backdrop import cyclorama
from studio.body import Array
from studio.camera import Camera
from studio.render import Shot
from studio.subject import Subject
from studio.variety import random_backdrop, random_camera, random_subject


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[Subject]:
    """Replaces the renderer by one that only writes down the skin of whom it was shown; shards of 3."""
    subjects: list[Subject] = []

    def shot(subject: Subject, camera: Camera, backdrop: Array, *, antialias: int) -> Shot:
        subjects.append(subject)
        rgb = np.full((4, 3, 3), subject.looks.skin, dtype=np.uint8)
        plain = np.zeros((4, 3))
        points = np.zeros((19, 3), dtype=np.float32)
        return Shot(rgb, plain.astype(np.uint8), plain.astype(np.float32), plain.astype(np.float32), points)

    monkeypatch.setattr(dataset, "shot", shot)
    monkeypatch.setattr(dataset, "SHARD", 3)
    return subjects


def content(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def test_a_resumed_set_equals_one_made_at_once(tmp_path: Path, taken: list[Subject]) -> None:
    dataset.make_dataset(tmp_path / "once", 9, seed=4)
    dataset.make_dataset(tmp_path / "twice", 3, seed=4)
    assert len(taken) == 12
    dataset.make_dataset(tmp_path / "twice", 9, seed=4)
    assert len(taken) == 18
    assert content(tmp_path / "once") == content(tmp_path / "twice")


def test_an_interrupted_shard_is_made_again(
    tmp_path: Path, taken: list[Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez_compressed", fail)
        with pytest.raises(KeyboardInterrupt):
            dataset.make_dataset(tmp_path, 3, seed=4)
    dataset.make_dataset(tmp_path, 3, seed=4)
    assert [path.name for path in tmp_path.iterdir()] == ["shard-4-000.npz"]
    assert len(taken) == 6


def test_processes_share_the_work_and_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One shard a task; a finished one is not made again. Threads stand in for the processes."""
    asked: list[int] = []

    def write(folder: Path, seed: int, index: int) -> None:
        asked.append(index)
        dataset.shard_path(folder, seed, index).touch()

    monkeypatch.setattr(dataset, "write_shard", write)
    monkeypatch.setattr(dataset, "_warm", lambda seed: None)
    monkeypatch.setattr(dataset, "ProcessPoolExecutor", lambda workers, _: ThreadPoolExecutor(workers))
    dataset.shard_path(tmp_path, 4, 1).touch()
    dataset.make_dataset(tmp_path, 4 * dataset.SHARD, seed=4, workers=2)
    assert sorted(asked) == [0, 2, 3]


def test_drafts_of_a_killed_process_are_removed(tmp_path: Path, taken: list[Subject]) -> None:
    (tmp_path / "shard-4-000.123.tmp").touch()
    dataset.make_dataset(tmp_path, 3, seed=4)
    assert [path.name for path in tmp_path.iterdir()] == ["shard-4-000.npz"]
    assert len(taken) == 3


def test_another_seed_shows_other_people(tmp_path: Path, taken: list[Subject]) -> None:
    dataset.make_dataset(tmp_path, 3, seed=4)
    dataset.make_dataset(tmp_path, 3, seed=5)
    assert len({subject.looks.skin for subject in taken}) == 6


def test_all_kinds_of_clothes_occur() -> None:
    rng = np.random.default_rng(0)
    subjects = [random_subject(rng) for _ in range(60)]
    worn = {g.kind for s in subjects for g in (s.upper, s.lower) if g is not None}
    assert worn == {"top", "dress", "trousers", "skirt"}
    assert all((s.lower is None) == (s.upper is not None and s.upper.kind == "dress") for s in subjects)


def test_most_pictures_are_full_length_and_some_are_not() -> None:
    rng = np.random.default_rng(0)
    feet_and_head = np.array([[0.0, 0.0, 0.1], [0.0, 1.8, 0.0]])
    whole = []
    for _ in range(200):
        xy = random_camera(rng, (192, 256), 1.7).project(feet_and_head)
        whole.append(bool(((xy[:, 1] > 0) & (xy[:, 1] < 256)).all()))
    assert 0.6 < np.mean(whole) < 0.95


@pytest.mark.parametrize("seed", range(6))
def test_backdrops_are_linear_pictures_of_the_asked_size(seed: int) -> None:
    backdrop = random_backdrop(np.random.default_rng(seed), (48, 64))
    assert backdrop.shape == (64, 48, 3)
    assert 0.0 <= backdrop.min() <= backdrop.max() <= 1.0


def test_the_cyclorama_is_brightest_in_the_middle() -> None:
    roll = cyclorama((48, 64), ((200, 200, 200), (100, 100, 100))).sum(axis=2)
    assert roll[27, 24] == pytest.approx(roll.max(), rel=0.01)
    assert roll[-1, 0] < 0.8 * roll.max()
