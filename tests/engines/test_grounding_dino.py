"""The detector with tiny real checkpoints: loading, one pass, the crop at its end, and damaged weights."""

from __future__ import annotations

import gc
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from bench.local_models import LocalModels
from tests.engines.grounding_dino_tiny import loud, write_tiny
from tryon.core.errors import (
    DeviceMissing,
    EngineError,
    InvalidSetting,
    ModelDamaged,
    ModelMissing,
    OutOfMemory,
)
from tryon.core.images import decode
from tryon.core.ports import Detected, DetectJob, Detector, Pixels, SeenGarment
from tryon.core.quality import judge_crop
from tryon.core.recipes import canonical_json
from tryon.core.stages.crops import cut
from tryon.core.words import Category, Refused
from tryon.engines.grounding_dino import MODELS, GroundingDino, Limits
from tryon.engines.grounding_dino.batching import searchable
from tryon.engines.grounding_dino.net import Net, load
from tryon.engines.grounding_dino.phrases import ask
from tryon.engines.grounding_dino.prompts import Prompt, prompts
from tryon.engines.torch_runtime import Precision

transformers: Any = import_module("transformers")  # much of it has no types

CATALOGUE = Path(__file__).parents[2] / "studio" / "catalogue" / "uploads" / "items"
BOX = (0.5, 0.55, 0.8, 0.7)
CODES = {"garment_not_found", "won_by_another", "not_told_apart", "garment_too_small"}
SHIRT, SKIRT = SeenGarment(Category.TOPS, "white shirt"), SeenGarment(Category.BOTTOMS, "plaid skirt")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> LocalModels:
    """Both published models, each answering BOX."""
    root = tmp_path_factory.mktemp("models")
    write_tiny(root / "grounding-dino-tiny", "grounding-dino", BOX)
    write_tiny(root / "mm-grounding-dino-tiny", "mm-grounding-dino", BOX)
    return LocalModels(root)


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> LocalModels:
    root = tmp_path_factory.mktemp("noise")
    write_tiny(root / "grounding-dino-tiny")
    return LocalModels(root)


@pytest.fixture(scope="module")
def net(noise: LocalModels) -> Net:
    """Noise that is loud enough for scores of every size."""
    found = load(noise.root / "grounding-dino-tiny", "cpu", "no")
    loud(found.model, 3)
    return found


def small(
    models: LocalModels, model: str = "grounding-dino-tiny", precision: Precision = "no"
) -> GroundingDino:
    return GroundingDino(models, model, device="cpu", precision=precision, shortest=64, longest=106)


def photo(width: int = 200, height: int = 300, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)


def question(net: Net, *phrases: str) -> Prompt:
    [prompt] = prompts(ask([SeenGarment(Category.TOPS, p) for p in phrases], [], net.spans), net.spans, 256)
    return prompt


# One photo


@pytest.mark.parametrize("model", ["grounding-dino-tiny", "mm-grounding-dino-tiny"])
def test_a_checkpoint_in_the_published_layout_finds_its_box(models: LocalModels, model: str) -> None:
    detector: Detector = small(models, model)
    [[found]] = detector.detect([DetectJob(photo(), (SHIRT,), ("wooden hanger",))])
    assert isinstance(found, Detected)
    assert found.box == (11, 51, 189, 279)  # BOX of 200x300, and 4 % of 210 around
    assert found.alpha is None
    assert found.score == pytest.approx(0.9, abs=1e-4)


@pytest.mark.parametrize(("precision", "pixels"), [("bf16", 3), ("fp16", 1)])
def test_half_precision_keeps_the_box(models: LocalModels, precision: Precision, pixels: int) -> None:
    [[found]] = small(models, precision=precision).detect([DetectJob(photo(), (SHIRT,))])
    assert isinstance(found, Detected)
    assert np.abs(np.subtract(found.box, (11, 51, 189, 279))).max() <= pixels


@pytest.mark.parametrize("item", ["tee-sun", "jeans-blue"])
def test_the_crop_of_a_packshot_can_be_published(models: LocalModels, item: str) -> None:
    image = decode((CATALOGUE / f"{item}.jpg").read_bytes()).pixels
    [[found]] = small(models).detect([DetectJob(image, (SHIRT,))])
    assert isinstance(found, Detected)
    crop = cut(image, found)
    assert (crop[..., 3] == 255).all()
    assert judge_crop(crop, (image.shape[1], image.shape[0])) is None


def test_noise_ends_in_a_verdict(noise: LocalModels) -> None:
    jobs = [DetectJob(photo(seed=seed), (SHIRT, SKIRT), ("hat",)) for seed in range(3)]
    for answers in small(noise).detect(jobs):
        assert len(answers) == 2
        for answer in answers:
            sound = isinstance(answer, Detected) and judge_crop(cut(photo(), answer), (200, 300)) is None
            assert sound or (isinstance(answer, Refused) and answer.code in CODES)


def test_one_box_serves_one_garment(models: LocalModels) -> None:
    [[shirt, skirt]] = small(models).detect([DetectJob(photo(), (SHIRT, SKIRT))])
    assert isinstance(shirt, Detected)
    assert isinstance(skirt, Refused)
    assert skirt.code == "won_by_another"


# The pass itself


def test_a_pass_is_what_the_published_call_computes(noise: LocalModels) -> None:
    """As in the model's card: AutoProcessor, nested labels, the model, its own post-processing."""
    folder, image = noise.root / "grounding-dino-tiny", photo()
    processor = transformers.AutoProcessor.from_pretrained(folder, backend="pil")
    model = transformers.AutoModelForZeroShotObjectDetection.from_pretrained(folder).eval()
    inputs = processor(
        images=Image.fromarray(image),
        text=[["white shirt", "plaid skirt"]],
        size={"shortest_edge": 64, "longest_edge": 106},
        return_tensors="pt",
    )
    with torch.no_grad():
        outputs = model(**inputs)
    [theirs] = processor.post_process_grounded_object_detection(outputs, threshold=0.0, target_sizes=[(1, 1)])
    net = load(folder, "cpu", "no")
    [mine] = net.search([image], [question(net, "White shirt.", "plaid skirt")], (64, 96))
    halves = mine.boxes[:, 2:] / 2
    corners = np.concatenate([mine.boxes[:, :2] - halves, mine.boxes[:, :2] + halves], axis=1)
    np.testing.assert_allclose(corners, theirs["boxes"].numpy(), atol=1e-6)
    assert inputs["input_ids"].shape == (1, 8)  # [CLS] white shirt . plaid skirt . [SEP]
    tokens = outputs.logits[0].sigmoid().numpy()
    np.testing.assert_allclose(mine.scores[:, 0], tokens[:, 1:3].max(axis=1), atol=1e-6)
    np.testing.assert_allclose(mine.scores[:, 1], tokens[:, 4:6].max(axis=1), atol=1e-6)


def test_scores_follow_their_phrase_wherever_it_stands(net: Net) -> None:
    names = ("dress shirt", "shirt dress", "shirt", "dress")
    forth, back = question(net, *names), question(net, *names[::-1])
    [one] = net.search([photo()], [forth], (64, 96))
    [other] = net.search([photo()], [back], (64, 96))
    np.testing.assert_allclose(one.scores, other.scores[:, ::-1], atol=1e-4)
    assert len({tuple(column) for column in one.scores.T.round(4)}) == len(names)


def test_photos_of_one_size_share_a_pass_without_changing_each_other(net: Net) -> None:
    images = [photo(seed=seed) for seed in range(3)]
    texts = [
        question(net, *names) for names in (("white shirt",), ("red skirt", "belt", "hat"), ("jeans", "top"))
    ]
    together = net.search(images, texts, (64, 96))
    for image, text, answer in zip(images, texts, together, strict=True):
        [alone] = net.search([image], [text], (64, 96))
        np.testing.assert_allclose(answer.boxes, alone.boxes, atol=1e-5)
        np.testing.assert_allclose(answer.scores, alone.scores, atol=1e-4)


@pytest.mark.parametrize("size", [(64, 64), (24, 96), (106, 13), (5, 106), (106, 1)])
def test_the_net_works_on_every_size_that_is_called_searchable(net: Net, size: tuple[int, int]) -> None:
    if searchable(size, net.queries):
        [answer] = net.search([photo()], [question(net, "shirt")], size)
        assert answer.boxes.shape == (net.queries, 4)
    else:
        with pytest.raises(RuntimeError):
            net.search([photo()], [question(net, "shirt")], size)


def test_a_prompt_of_the_greatest_length_is_taken_whole(net: Net) -> None:
    phrases = [f"{first}{second} shirt" for first in "abcdefgh" for second in "abcdefgh"][:50]
    prompt = question(net, *phrases)
    assert len(net.spans(prompt.text)) + 2 in range(190, 257)
    [answer] = net.search([photo()], [prompt], (64, 96))
    assert (answer.scores > 0).all()


def test_nothing_is_kept_of_a_photo(models: LocalModels) -> None:
    detector = small(models)
    counts = []
    for seed in range(3):
        detector.detect([DetectJob(photo(seed=seed), (SHIRT,))])
        gc.collect()
        counts.append(sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects()))
    assert counts[0] == counts[1] == counts[2]


def test_full_memory_has_a_name(net: Net) -> None:
    def full(**inputs: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 GB")

    broken = replace(net, model=full)
    with pytest.raises(OutOfMemory, match="1 photos of 64x64 px"):
        broken.search([photo(64, 64)], [question(net, "white shirt")], (64, 64))


def test_an_answer_that_is_no_number_is_an_error(noise: LocalModels) -> None:
    broken = load(noise.root / "grounding-dino-tiny", "cpu", "no")
    with torch.no_grad():
        broken.model.model.decoder.layer_norm.bias.fill_(float("nan"))
    with pytest.raises(EngineError, match="not a number"):
        broken.search([photo()], [question(broken, "shirt")], (64, 96))


# Weights that cannot be used


def change_config(**values: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    return change


def change_weights(change: Callable[[dict[str, torch.Tensor]], object]) -> Callable[[Path], None]:
    def work(folder: Path) -> None:
        weights = load_file(folder / "model.safetensors")
        change(weights)
        save_file(weights, folder / "model.safetensors", {"format": "pt"})

    return work


def shorten_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def without(*names: str) -> Callable[[Path], None]:
    def remove(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return remove


def move_the_full_stop(folder: Path) -> None:
    path = folder / "tokenizer.json"
    tokenizer = json.loads(path.read_text())
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary["."], vocabulary["shirt"] = vocabulary["shirt"], vocabulary["."]
    path.write_text(json.dumps(tokenizer))


NORM = "model.decoder.layer_norm.weight"
SHORT = {NORM: torch.ones(63)}


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (change_weights(lambda weights: weights.pop(NORM)), f"1 tensors .*: {NORM} is missing"),
        (change_weights(lambda weights: weights.update(SHORT)), rf"{NORM} has shape \[63\], not \[64\]"),
        (shorten_weights, "cannot be loaded"),
        (without("model.safetensors"), "cannot be loaded"),
        (without("config.json"), "config.json"),
        (change_config(model_type="detr"), "'detr', not of grounding-dino"),
        (change_config(max_text_len=16), "max_text_len .* is 16"),
        (without("preprocessor_config.json"), "image processor"),
        (without("tokenizer.json", "vocab.txt", "tokenizer_config.json"), "tokenizer"),
        (move_the_full_stop, "separators"),
    ],
    ids=[
        "missing tensor",
        "other shape",
        "cut off",
        "no weights",
        "no config",
        "other model",
        "short texts",
        "no preprocessor",
        "no tokenizer",
        "other ids",
    ],
)
def test_a_damaged_checkpoint_is_named(
    noise: LocalModels, tmp_path: Path, damage: Callable[[Path], None], said: str
) -> None:
    shutil.copytree(noise.root, tmp_path, dirs_exist_ok=True)
    damage(tmp_path / "grounding-dino-tiny")
    with pytest.raises(ModelDamaged, match=said):
        small(LocalModels(tmp_path)).load()


def test_missing_weights_are_missing_at_the_first_photo(tmp_path: Path) -> None:
    detector = small(LocalModels(tmp_path))
    with pytest.raises(ModelMissing):
        detector.detect([DetectJob(photo(), (SHIRT,))])


def test_a_gpu_that_is_not_there_is_not_replaced(
    models: LocalModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceMissing):
        GroundingDino(models, device="cuda").load()


# The card


def test_the_card_names_what_decides_the_result(models: LocalModels) -> None:
    card = small(models).card
    assert (card.id, card.revision) == ("grounding-dino", "1+a2bb814dd30d")
    assert (card.licence, card.commercial_use, card.generative) == ("Apache-2.0", True, False)
    assert json.loads(canonical_json(dict(card.parameters))) == {
        "model": "grounding-dino-tiny",
        "precision": "no",
        "shortest": 64,
        "longest": 106,
        "threshold": 0.25,
        "overlap": 0.6,
        "huge": 0.9,
        "padding": 0.04,
        "min_side": 64,
    }
    others = GroundingDino(models, limits=Limits(threshold=0.3)).card.parameters
    assert (others["threshold"], others["shortest"]) == (0.3, 640)


def test_weights_behind_a_moving_name_are_recorded_with_their_commit(
    models: LocalModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = small(models, "mm-grounding-dino-tiny")
    monkeypatch.setattr(LocalModels, "revision", lambda self, model: "f" * 40)
    late = small(models, "mm-grounding-dino-tiny")
    assert (early.card.revision, late.card.revision) == ("1+main", "1+ffffffffffff")
    late.load()
    with pytest.raises(ModelMissing, match="start it again"):
        early.load()


def test_a_model_is_chosen_by_its_id_or_repository(models: LocalModels) -> None:
    for model in MODELS:
        assert GroundingDino(models, model.id).card.url == f"https://huggingface.co/{model.repo}"
        assert GroundingDino(models, model.repo).card == GroundingDino(models, model.id).card
    with pytest.raises(InvalidSetting, match="mm-grounding-dino-tiny"):
        GroundingDino(models, "yolo")


def test_sizes_that_cannot_work_are_refused_at_once(models: LocalModels) -> None:
    with pytest.raises(InvalidSetting, match="640 to 1066 is usual"):
        GroundingDino(models, shortest=800, longest=640)


def test_the_tiny_nets_have_the_shape_of_the_published_ones(models: LocalModels) -> None:
    """Tables of window offsets and no norm of the whole Swin, as in 2024; a box head for each layer only in
    MM-Grounding-DINO, whose file is the larger one by them."""
    weights = {model.id: load_file(models.folder(model) / "model.safetensors") for model in MODELS}
    heads = {model: {n.split(".")[1] for n in own if n.startswith("bbox")} for model, own in weights.items()}
    assert heads == {"grounding-dino-tiny": {"0"}, "mm-grounding-dino-tiny": {"0", "1"}}
    for own in weights.values():
        blocks = [name for name in own if name.endswith(".relative_position_index")]
        assert len(blocks) == 4
        assert blocks[0].startswith(
            "model.backbone.conv_encoder.model.encoder.layers.0.blocks.0.attention.self."
        )
        assert not [name for name in own if ".swin." in name]


def test_importing_the_engine_imports_no_torch() -> None:
    """Nor does every command wait for scipy, which few need."""
    modules = "sys, tryon.wiring, tryon.engines.grounding_dino"
    code = f"import {modules}; print({{'torch', 'transformers', 'scipy'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
