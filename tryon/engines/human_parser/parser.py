"""BodyParser with DWPose (YOLOX-L and DWPose-L) and SCHP, in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from tryon.core.body import scale_body
from tryon.core.models import Model, Models
from tryon.core.ports import Body, Pixels
from tryon.core.sizing import fit_within, resize, resize_mask
from tryon.core.words import EngineCard, Refused
from tryon.engines.cores import usable_cores
from tryon.engines.human_parser import choose, dwpose, schp, yolox
from tryon.engines.human_parser.checks import check_joints, check_labels
from tryon.engines.human_parser.models import DWPOSE, SCHP_ATR, SCHP_LIP
from tryon.engines.human_parser.nets import Layout, Net, Runtime
from tryon.engines.person_view import PersonView
from tryon.engines.torch_runtime import Device

REVISION = "1"
WORK_SIDE = 1536
"""Pixels of the longer side at which a larger photo is parsed: three times the parser's own, and nothing in it is
sharper than that."""


class HumanParser:
    """Finds one person in a photo of anything, their joints and the labels of their clothes.

    lip: also run the second parser, which tells coats, jumpsuits, socks and the neck, and refuse photos on which the
    two disagree. threads: of one net; None: all processors that this process may use. A net loads at its first use.
    """

    def __init__(
        self,
        models: Models,
        device: Device = "auto",
        threads: int | None = None,
        lip: bool = False,
        work_side: int = WORK_SIDE,
    ) -> None:
        self._models, self._runtime = models, Runtime(device, threads)
        self._parsers = (schp.ATR, schp.LIP) if lip else (schp.ATR,)
        self._work_side, self._nets, self._lock = work_side, dict[str, Net](), Lock()
        self.card = _card((DWPOSE, SCHP_ATR, SCHP_LIP) if lip else (DWPOSE, SCHP_ATR), device, lip, work_side)

    @property
    def threads(self) -> int:
        """Of one net on the CPU."""
        return self._runtime.threads or usable_cores()

    @property
    def device(self) -> str:
        """Implements tryon.core.ports.OnDevice. Loads what decides it."""
        return self.net(yolox.LAYOUT).device

    def parse(self, batch: Sequence[Pixels]) -> list[Body | Refused]:
        """One body or refusal a photo (uint8 [H, W, 3] RGB), at the photo's size.

        Raises ModelMissing, ModelDamaged, DeviceMissing, OutOfMemory.
        """
        return [self._parse(image) for image in batch]

    def load(self) -> None:
        """Every net now instead of with the first photo. Raises as `parse`."""
        for layout in (yolox.LAYOUT, dwpose.LAYOUT, *(parser.layout for parser in self._parsers)):
            self.net(layout)

    def silhouettes(self, batch: Sequence[Pixels]) -> list[Pixels]:
        """uint8 [H, W], 1 on the person of each finished look, which needs no second check of the photo."""
        return [self._silhouette(image) for image in batch]

    def views(self, batch: Sequence[Pixels]) -> list[PersonView]:
        """The silhouettes; these nets know no depths."""
        return [PersonView(mask, None) for mask in self.silhouettes(batch)]

    def _parse(self, image: Pixels) -> Body | Refused:
        small = self._bounded(image)
        height, width = small.shape[:2]
        choice = choose.choose(self._people(small), width, height)
        if isinstance(choice, Refused):
            return choice
        joints = self._joints(small, choice.person)
        if refused := check_joints(joints, choice.person, width, height):
            return refused
        labels, *lip = [self._labels(small, parser, choice) for parser in self._parsers]
        body = Body(labels, joints, lip[0] if lip else None)
        return check_labels(body, choice.person) or scale_body(body, (image.shape[1], image.shape[0]))

    def _silhouette(self, image: Pixels) -> Pixels:
        small = self._bounded(image)
        height, width = small.shape[:2]
        people = self._people(small) or [yolox.Found((0, 0, width, height), 1.0)]
        ranked = sorted(people, key=lambda person: -choose.weight(person, width, height))
        labels = self._labels(small, schp.ATR, choose.Choice(ranked[0], tuple(ranked[1:])))
        return resize_mask((labels > 0).astype(np.uint8), (image.shape[1], image.shape[0]))

    def _bounded(self, image: Pixels) -> Pixels:
        side = self._work_side
        size = fit_within(image.shape[1], image.shape[0], side, side)
        return image if size == (image.shape[1], image.shape[0]) else resize(image, size)

    def _people(self, image: Pixels) -> list[yolox.Found]:
        (answer,) = self.net(yolox.LAYOUT).run(yolox.prepare(image))
        return yolox.find_people(answer, image.shape[1], image.shape[0])

    def _joints(self, image: Pixels, person: yolox.Found) -> NDArray[np.float32]:
        crop = dwpose.crop_around(person.box)
        across, down = self.net(dwpose.LAYOUT).run(dwpose.prepare(image, crop))
        return dwpose.to_joints(dwpose.decode(across[0], down[0], crop))

    def _labels(self, image: Pixels, parser: schp.Parser, choice: choose.Choice) -> Pixels:
        height, width = image.shape[:2]
        (fusion,) = self.net(parser.layout).run(schp.prepare(image, parser.side))
        window = choose.window_of(choice.person, width, height)
        labels = np.zeros((height, width), np.uint8)
        labels[window] = schp.decode(fusion[0], width, height, parser.side, window)
        return choose.keep_own(labels, choice)

    def net(self, layout: Layout) -> Net:
        """The session of one net, started now if it was not yet."""
        with self._lock:
            if layout.file not in self._nets:
                self._nets[layout.file] = self._runtime.start(self._models, layout)
            return self._nets[layout.file]


def _card(models: Sequence[Model], device: Device, lip: bool, work_side: int) -> EngineCard:
    return EngineCard(
        id="human-parser",
        revision=".".join([REVISION, *(model.revision[:7] for model in models)]),
        licence=" AND ".join(dict.fromkeys(model.licence for model in models)),
        commercial_use=all(model.commercial_use for model in models),
        # Which kernels a GPU's library takes is not ours to say.
        deterministic=device == "cpu",
        url=SCHP_ATR.url,
        parameters={"lip": lip, "work_side": work_side},
        typical_seconds=3.0,
    )
