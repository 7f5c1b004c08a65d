"""How photos go through the net, with a net that only counts: batches, memory, threads, long lists, hopeless photos."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import sleep
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from bench.local_models import LocalModels
from tryon.core.errors import OutOfMemory
from tryon.core.ports import Detected, DetectJob, Pixels, SeenGarment
from tryon.core.words import Category, Refused
from tryon.engines.grounding_dino import GroundingDino
from tryon.engines.grounding_dino import engine as module
from tryon.engines.grounding_dino.net import Answer
from tryon.engines.grounding_dino.prompts import Prompt

SIZE = tuple[int, int]
TALL, WIDE = (300, 400), (400, 300)


@dataclass
class CountingNet:
    """Answers the left half of every photo, for every phrase alike. fits: photos that fit into memory at once."""

    kind: str = "cpu"
    fits: int = 99
    queries: int = 900
    text_length: int = 256
    passes: list[tuple[SIZE, list[str]]] = field(default_factory=list)
    inside: Lock = field(default_factory=Lock)

    @property
    def device(self) -> SimpleNamespace:
        return SimpleNamespace(type=self.kind)

    def spans(self, text: str) -> list[SIZE]:
        return [(place, place + 1) for place, letter in enumerate(text) if letter != " "]

    def search(self, images: Sequence[Pixels], texts: Sequence[Prompt], size: SIZE) -> list[Answer]:
        assert self.inside.acquire(blocking=False), "two passes at once"
        sleep(0.001)
        self.inside.release()
        if len(images) > self.fits:
            raise OutOfMemory(f"{len(images)} photos")
        self.passes.append((size, [text.text for text in texts]))
        box = np.array([[0.25, 0.5, 0.5, 1.0]], np.float32)
        return [Answer(box, np.full((1, len(text.phrases)), 0.5, np.float32)) for text in texts]


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> CountingNet:
    found = CountingNet()
    monkeypatch.setattr(module, "load", lambda *_: found)
    return found


@pytest.fixture
def detector(net: CountingNet, tmp_path: Path) -> GroundingDino:
    (tmp_path / "grounding-dino-tiny").mkdir()
    return GroundingDino(LocalModels(tmp_path), batch_size=4)


def job(size: SIZE, *phrases: str, others: tuple[str, ...] = ()) -> DetectJob:
    seen = tuple(SeenGarment(Category.TOPS, phrase) for phrase in phrases)
    return DetectJob(np.zeros((size[1], size[0], 3), np.uint8), seen, others)


def passes(net: CountingNet) -> list[tuple[SIZE, int]]:
    return [(size, len(texts)) for size, texts in net.passes]


def test_a_cpu_takes_one_photo_at_a_time(net: CountingNet, detector: GroundingDino) -> None:
    detector.detect([job(TALL, "shirt")] * 3)
    assert passes(net) == [((640, 853), 1)] * 3


def test_a_gpu_takes_batches_of_photos_of_one_size(net: CountingNet, detector: GroundingDino) -> None:
    net.kind = "cuda"
    sizes = [TALL, WIDE, TALL, TALL, WIDE, TALL, TALL]
    answers = detector.detect([job(size, "shirt") for size in sizes])
    assert passes(net) == [((640, 853), 4), ((640, 853), 1), ((853, 640), 2)]
    boxes = [answer.box for [answer] in answers if isinstance(answer, Detected)]
    assert boxes == [(0, 0, 150 + 16, 400) if size == TALL else (0, 0, 200 + 12, 300) for size in sizes]


def test_a_batch_that_does_not_fit_is_halved(net: CountingNet, detector: GroundingDino) -> None:
    net.kind, net.fits = "cuda", 1
    answers = detector.detect([job(TALL, f"shirt {letter}") for letter in "abcd"])
    assert [texts for _, texts in net.passes] == [[f"shirt {letter}."] for letter in "abcd"]
    assert all(isinstance(answer, Detected) for [answer] in answers)


def test_one_photo_that_does_not_fit_is_an_error(net: CountingNet, detector: GroundingDino) -> None:
    net.fits = 0
    with pytest.raises(OutOfMemory):
        detector.detect([job(TALL, "shirt")])


def test_a_hopeless_photo_costs_no_pass_and_no_neighbour(net: CountingNet, detector: GroundingDino) -> None:
    jobs = [job((2000, 30), "shirt", "skirt"), job(TALL, "shirt"), job(TALL, "..."), job(TALL)]
    narrow, good, wordless, nothing = detector.detect(jobs)
    assert [answer.code for answer in narrow if isinstance(answer, Refused)] == ["photo_shape"] * 2
    assert isinstance(good[0], Detected)
    assert [answer.code for answer in wordless if isinstance(answer, Refused)] == ["no_phrase"]
    assert nothing == ()
    assert len(net.passes) == 1


def test_an_empty_batch_is_empty(detector: GroundingDino) -> None:
    assert detector.detect([]) == []


def test_a_long_list_is_asked_in_several_prompts_and_answered_once(
    net: CountingNet, detector: GroundingDino
) -> None:
    others = tuple(f"thing number {number}" for number in range(60))
    [answers] = detector.detect([job(TALL, "shirt", "skirt", others=others)])
    texts = [text for _, found in net.passes for text in found]
    assert len(texts) > 3
    assert all(text.startswith("shirt. skirt. thing number") for text in texts)
    assert all(any(f" {other}." in text for text in texts) for other in others)
    first, second = answers
    assert isinstance(first, Detected)  # equal scores: what is wanted goes before what is not
    assert isinstance(second, Refused)
    assert second.code == "won_by_another"


def test_threads_wait_for_each_other(net: CountingNet, detector: GroundingDino) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = [*pool.map(detector.detect, [[job(TALL, "shirt")]] * 12)]
    assert len(net.passes) == len(answers) == 12


def test_torch_is_given_as_many_threads_as_asked(
    net: CountingNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", given.append)
    (tmp_path / "grounding-dino-tiny").mkdir()
    GroundingDino(LocalModels(tmp_path)).load()
    assert given == []
    GroundingDino(LocalModels(tmp_path), threads=3).load()
    assert given == [3]
