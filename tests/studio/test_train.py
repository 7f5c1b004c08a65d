"""A training that is killed goes on as if nothing had happened; its losses and its file are what they say."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import pytest
import torch

from studio import train as training
from studio.augment import Batch, Render, batch_of
from studio.checkpoint import PlanChanged, Progress
from studio.export import export, graph_of
from studio.labels import CLASSES, HAIR, KEYPOINTS
from studio.losses import depth_loss, label_loss, overlap_loss, shares
from studio.net import HEIGHT, WIDTH, BodyGraph, BodyNet, Size
from studio.scores import Scores
from studio.train import NotEnoughRenders, Plan, held_out, train

TINY = Size((4, 4, 4, 4, 4), (0, 0, 1, 1))
PLAN = Plan(steps=6, batch=2, view=(32, 64), held_out=2, size=TINY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five renders of noise around a person-like box."""
    rng = np.random.default_rng(0)
    labels = np.zeros((5, 64, 48), np.uint8)
    labels[:, 10:50, 15:35] = HAIR
    points = np.concatenate([rng.uniform(10, 40, (5, len(KEYPOINTS), 2)), np.ones((5, len(KEYPOINTS), 1))], 2)
    depth = rng.normal(0.0, 10.0, labels.shape).astype(np.float16)
    rgb = rng.integers(0, 255, (5, 64, 48, 3), dtype=np.uint8)
    np.savez(
        tmp_path / "shard-1-000.npz", rgb=rgb, labels=labels, keypoints=points.astype(np.float32), depth=depth
    )
    return tmp_path


def weights(net: BodyNet) -> list[torch.Tensor]:
    return list(net.state_dict().values())


def same(a: BodyNet, b: BodyNet) -> bool:
    return all(torch.equal(x, y) for x, y in zip(weights(a), weights(b), strict=True))


def killed_at(step: int, patch: pytest.MonkeyPatch) -> None:
    """The process dies when it begins that step."""
    work = training._step

    def dies(progress: Progress, *rest: object) -> float:
        if progress.step == step:
            raise KeyboardInterrupt
        return work(progress, *rest)  # type: ignore[arg-type]

    patch.setattr(training, "_step", dies)


def test_a_killed_training_ends_with_the_same_weights(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, count = train(folder, PLAN, save_every=2)
    assert count == 3
    (folder / training.CHECKPOINT).unlink()
    with monkeypatch.context() as patch:
        killed_at(5, patch)
        with pytest.raises(KeyboardInterrupt):
            train(folder, PLAN, save_every=2)
    resumed, _ = train(folder, PLAN, save_every=2)
    assert same(whole, resumed)


def test_a_finished_training_learns_nothing_more(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done, _ = train(folder, PLAN)
    killed_at(6, monkeypatch)
    assert same(done, train(folder, PLAN)[0])


def test_another_seed_gives_another_net(folder: Path) -> None:
    first, _ = train(folder, PLAN)
    (folder / training.CHECKPOINT).unlink()
    assert not same(first, train(folder, dataclasses.replace(PLAN, seed=2))[0])


def test_a_training_goes_on_only_as_it_was_planned(folder: Path) -> None:
    train(folder, PLAN)
    with pytest.raises(PlanChanged, match="delete it"):
        train(folder, dataclasses.replace(PLAN, steps=8))


def test_too_few_renders_are_named(folder: Path) -> None:
    with pytest.raises(NotEnoughRenders, match="5 renders, 5 are kept apart"):
        train(folder, dataclasses.replace(PLAN, held_out=5))


def test_every_render_comes_once_an_epoch() -> None:
    plan = Plan(batch=4)
    seen = [i for step in range(5) for i in training._chosen(10, plan, step)]
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10))
    assert seen[:10] != seen[10:]


def test_the_rate_warms_up_and_falls() -> None:
    rates = [training.rate(step, Plan(steps=1000)) for step in (0, 101, 500, 999)]
    assert rates[0] < rates[1] > rates[2] > rates[3] > 0.0


def test_shares_are_those_of_the_four_pixels() -> None:
    share = shares(torch.tensor([[[0, 0], [0, 7]]]))
    assert share.shape == (1, CLASSES, 1, 1)
    assert share[0, :, 0, 0].tolist() == [0.75 if i == 0 else 0.25 if i == 7 else 0.0 for i in range(CLASSES)]


def test_right_labels_cost_nothing_and_wrong_ones_do() -> None:
    labels = torch.full((1, 4, 4), HAIR)
    right = torch.zeros(1, CLASSES, 2, 2)
    right[:, HAIR] = 30.0
    assert float(label_loss(right, labels)) == pytest.approx(0.0, abs=1e-4)
    assert float(label_loss(right.roll(1, dims=1), labels)) > 5.0
    assert float(overlap_loss(shares(labels), shares(labels))) == pytest.approx(0.0, abs=1e-6)


def test_a_depth_counts_only_on_the_person_and_from_any_plane() -> None:
    labels, true = torch.zeros(1, 8, 8, dtype=torch.long), torch.randn(1, 8, 8)
    labels[:, :, :4] = HAIR
    batch = Batch(torch.zeros(1, 3, 8, 8), labels, torch.zeros(1, len(KEYPOINTS), 3), true)
    beside = torch.tensor([[[0.0, 50.0], [0.0, 50.0]]])
    assert float(depth_loss(true[:, 2::4, 2::4] + 7.0 + beside, batch)) == pytest.approx(0.0, abs=1e-6)
    assert float(depth_loss(true[:, 2::4, 2::4] * 2.0, batch)) > 0.0


def test_held_out_renders_are_scored(folder: Path) -> None:
    scores = held_out(BodyNet(TINY), folder, PLAN)
    assert 0.0 <= scores.clothes_iou <= 1.0
    assert scores.keypoints_px > 0.0
    assert -1.0 <= scores.depth_correlation <= 1.0


def test_the_file_answers_as_the_net_does(tmp_path: Path) -> None:
    """Its weights are rounded to half precision; the card pins the file."""
    torch.manual_seed(0)
    net = BodyNet(Size((8, 8, 16, 16, 16), (1, 1, 1, 1))).eval()
    export(net, Scores({}, 0.0, 0.0, 0.0), tmp_path, renders=3, steps=6)
    session = onnxruntime.InferenceSession(tmp_path / "body.onnx", providers=["CPUExecutionProvider"])
    image = np.random.default_rng(0).random((1, 3, HEIGHT, WIDTH), np.float32)
    labels, points, depth = session.run(["labels", "keypoints", "depth"], {"image": image})
    with torch.no_grad():
        wanted = BodyGraph(net)(torch.from_numpy(image))
    np.testing.assert_allclose(labels, wanted[0].numpy(), atol=0.02)
    np.testing.assert_allclose(points, wanted[1].numpy(), atol=0.5)
    np.testing.assert_allclose(depth, wanted[2].numpy(), atol=0.1)
    assert (tmp_path / "body.onnx").stat().st_size < 0.7 * len(
        graph_of(net, tmp_path / "full.onnx").SerializeToString()
    )


def test_a_nets_answers_have_the_size_it_says() -> None:
    view = Render(
        np.zeros((64, 32, 3), np.uint8), np.zeros((64, 32), np.uint8), np.zeros((19, 3), np.float32),
        np.zeros((64, 32), np.float32),
    )  # fmt: skip
    labels, heat, depth = BodyNet(TINY)(batch_of([view, view]).image)
    assert tuple(labels.shape) == (2, CLASSES, 32, 16)
    assert tuple(heat.shape) == (2, len(KEYPOINTS), 16, 8)
    assert tuple(depth.shape) == (2, 16, 8)
