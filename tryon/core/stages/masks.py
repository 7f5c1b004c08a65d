"""User photo -> body parse -> masks: upper, lower, overall, full_body, face."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tryon.core.body import pack_body
from tryon.core.depot import Made
from tryon.core.encoding import Encoded, encode_png
from tryon.core.licences import licence_facts
from tryon.core.masks import make_masks
from tryon.core.materials import Materials
from tryon.core.ports import Body, BodyParser, Pixels, load_now
from tryon.core.quality import judge_mask
from tryon.core.recipes import Method, Stage, method_of
from tryon.core.stages.stage import Task
from tryon.core.words import MaskKind, Refused

VERSION = 1


@dataclass
class MaskStage:
    materials: Materials
    parser: BodyParser
    batch_size: int = 4

    def method(self) -> Method:
        return method_of(Stage.MASK, VERSION, self.parser.card)

    def warm(self) -> None:
        load_now(self.parser)

    def load(self, task: Task) -> Pixels:
        user = task[0].user
        assert user is not None, "masks belong to a user"
        return self.materials.photo(user).pixels

    def work(self, jobs: Sequence[Pixels]) -> list[tuple[Made | Refused, ...]]:
        licences = licence_facts(self.parser.card)
        return [_verdicts(body, licences) for body in self.parser.parse(jobs)]


def _verdicts(body: Body | Refused, licences: Mapping[str, object]) -> tuple[Made | Refused, ...]:
    """The parse first, then the masks in the order of MaskKind."""
    if isinstance(body, Refused):
        return (body,) * (1 + len(MaskKind))
    masks = make_masks(body)
    parse = Made(Encoded(pack_body(body), "npz", "application/octet-stream"), licences)
    return (parse, *(_verdict(masks[kind], kind, body, licences) for kind in MaskKind))


def _verdict(
    mask: Pixels | Refused, kind: MaskKind, body: Body, licences: Mapping[str, object]
) -> Made | Refused:
    seen = judged(mask, kind, body)
    return seen if isinstance(seen, Refused) else Made(encode_png(seen), licences)


def judged(mask: Pixels | Refused, kind: MaskKind, body: Body) -> Pixels | Refused:
    """The mask, unless it does not cover what a mask of its kind must."""
    if isinstance(mask, Refused):
        return mask
    height, width = body.labels.shape
    return judge_mask(mask, (width, height), kind, body.labels) or mask
