"""The network itself: loading it from a folder, and one pass over photos of one size."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tryon.core.errors import EngineError, ModelDamaged
from tryon.core.ports import Pixels
from tryon.engines.grounding_dino.prompts import Prompt
from tryon.engines.grounding_dino.scores import Floats, columns, phrase_scores
from tryon.engines.torch_runtime import Device, Precision, choose_device, dtype_of, named_memory, need

KINDS = {"grounding-dino", "mm-grounding-dino"}
"""`model_type` of the configurations that this code was written for."""

SEPARATORS = {"[CLS]": 101, "[SEP]": 102, ".": 1012, "?": 1029}
"""Token ids that the architecture has hard-wired: with others, phrases would run into each other."""

LEAST_TEXT = 64
"""Tokens that the text encoder must at least take, so that two phrases always fit; published: 256."""


@dataclass(frozen=True, slots=True)
class Answer:
    """For one photo and one prompt. boxes: float32 [queries, 4], centre x, centre y, width, height in shares of the
    photo. scores: float32 [queries, phrases of the prompt]."""

    boxes: Floats
    scores: Floats


@dataclass(frozen=True)
class Net:
    """model, tokenizer, images: of transformers; the model float32 and on `device`. dtype: of its products."""

    model: Any
    tokenizer: Any
    images: Any
    device: Any
    dtype: Any

    @property
    def text_length(self) -> int:
        return int(self.model.config.max_text_len)

    @property
    def queries(self) -> int:
        return int(self.model.config.num_queries)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Characters of each token, without special tokens; see `phrases.Spans`."""
        found = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        return [(int(start), int(end)) for start, end in found["offset_mapping"]]

    def search(
        self, images: Sequence[Pixels], texts: Sequence[Prompt], size: tuple[int, int]
    ) -> list[Answer]:
        """One pass. images: uint8 [H, W, 3], all brought to `size` (width, height), so that nothing is padded and no
        photo changes its neighbour's answer. Raises OutOfMemory, and EngineError for an answer that is no number.
        """
        torch = need("torch")
        with named_memory(f"a search in {len(images)} photos of {size[0]}x{size[1]} px"):
            inputs, offsets = self._inputs(images, texts, size)
            with torch.inference_mode(), self._precision():
                out = self.model(**inputs)
                logits, boxes = out.logits.float().cpu().numpy(), out.pred_boxes.float().cpu().numpy()
        if np.isnan(logits).any() or np.isnan(boxes).any():
            raise EngineError(
                f"the detector's answer is not a number in {self.dtype}; use precision no or bf16"
            )
        return [
            Answer(boxes[row], phrase_scores(logits[row], columns(offsets[row], text.spans)))
            for row, text in enumerate(texts)
        ]

    def _inputs(
        self, images: Sequence[Pixels], texts: Sequence[Prompt], size: tuple[int, int]
    ) -> tuple[dict[str, Any], list[list[tuple[int, int]]]]:
        pixels = self.images(
            [Image.fromarray(image) for image in images],
            size={"height": size[1], "width": size[0]},
            return_tensors="pt",
        )
        tokens = self.tokenizer(
            [text.text for text in texts],
            padding=True,
            return_offsets_mapping=True,
            return_token_type_ids=True,
            return_tensors="pt",
        )
        offsets = tokens.pop("offset_mapping").tolist()
        inputs = {name: value.to(self.device) for name, value in {**pixels, **tokens}.items()}
        return inputs, offsets

    def _precision(self) -> Any:
        """Products of matrices in `dtype`, boxes and sums in float32: with weights in half precision a coordinate
        near 1 would be a multiple of 1/256 (bf16), and its logit infinite."""
        torch = need("torch")
        return torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32)


def load(folder: Path, device: Device, precision: Precision) -> Net:
    """Raises ModelDamaged for what is not a published checkpoint, DeviceMissing, PackageMissing."""
    place, dtype = choose_device(device), dtype_of(precision)
    _check_kind(folder)
    with _quietly():
        tokenizer, images = _load_inputs(folder)
        model = _load_model(folder)
    return Net(model.to(place), tokenizer, images, place, dtype)


@contextmanager
def _quietly() -> Iterator[None]:
    """Without transformers' own progress bars and reports: what matters of them is raised."""
    logging = need("transformers.utils.logging")
    shown, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if shown:
            logging.enable_progress_bar()


def _check_kind(folder: Path) -> None:
    try:
        config = json.loads((folder / "config.json").read_text())
        kind, length = config["model_type"], config.get("max_text_len", 256)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelDamaged(
            f"{folder}/config.json is no model configuration ({error}); pull it again"
        ) from error
    if kind not in KINDS:
        raise ModelDamaged(f"{folder}/config.json is of a {kind!r}, not of {' or '.join(sorted(KINDS))}")
    if not isinstance(length, int) or length < LEAST_TEXT:
        raise ModelDamaged(f"max_text_len in {folder}/config.json is {length!r}, not at least {LEAST_TEXT}")


def _load_inputs(folder: Path) -> tuple[Any, Any]:
    transformers = need("transformers")
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        # The other image processor needs torchvision.
        images = transformers.AutoImageProcessor.from_pretrained(folder, local_files_only=True, backend="pil")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelDamaged(f"{folder} has no usable tokenizer or image processor: {error}") from error
    ids = {word: tokenizer.convert_tokens_to_ids(word) for word in SEPARATORS}
    if ids != SEPARATORS:
        raise ModelDamaged(f"the tokenizer in {folder} gives the separators the ids {ids}, not {SEPARATORS}")
    return tokenizer, images


def _load_model(folder: Path) -> Any:
    from safetensors import SafetensorError

    try:
        with named_memory("the detector's network"):
            model, report = need("transformers").AutoModelForZeroShotObjectDetection.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                dtype="float32",
                output_loading_info=True,
                ignore_mismatched_sizes=True,
            )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise ModelDamaged(f"the weights in {folder} cannot be loaded: {error}") from error
    _check_weights(folder, report)
    return model.eval()


def _check_weights(folder: Path, report: dict[str, Any]) -> None:
    """transformers fills what is missing or has another shape with noise; tensors too many change nothing."""
    wrong = [
        f"{name} has shape {list(there)}, not {list(wanted)}"
        for name, there, wanted in report["mismatched_keys"]
    ]
    wrong += [f"{name} is missing" for name in report["missing_keys"]]
    if wrong:
        raise ModelDamaged(
            f"{len(wrong)} tensors of {folder} are not as published: {min(wrong)}; pull it again"
        )
