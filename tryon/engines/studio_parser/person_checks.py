"""Which photos of people the sample engines can work with: all rules, in the order in which they are asked.

Each refuses with a sentence to pass on (reasons.py). The rules are in files by what they look at: whole_checks.py the
outline, upright_checks.py the camera, stance_checks.py how somebody stands, joint_checks.py face, joints and
proportions, light_checks.py and quality_checks.py the pixels.
"""

from __future__ import annotations

from collections.abc import Callable

from tryon.core.ports import Body, Pixels
from tryon.core.words import Refused
from tryon.engines.light_checks import check_backdrop, check_light, check_sharp
from tryon.engines.studio_parser.joint_checks import (
    check_face,
    check_face_size,
    check_pose,
    check_proportions,
)
from tryon.engines.studio_parser.quality_checks import check_quality
from tryon.engines.studio_parser.stance_checks import check_stance
from tryon.engines.studio_parser.upright_checks import check_tilt, check_upright
from tryon.engines.whole_checks import (
    check_alone,
    check_connected,
    check_in_frame,
    check_large,
    check_somebody,
)

# The first broken rule names the reason, so what explains most comes first: of a photo that lies on its side it is of
# no use to hear that the pose is unlikely.
_Rules = tuple[Callable[[Body], Refused | None], ...]
_OUTLINE: _Rules = (
    check_somebody,
    check_alone,
    check_large,
    check_in_frame,
    check_upright,
)
_BODY: _Rules = (
    check_stance,
    check_face,
    check_connected,
    check_tilt,
    check_pose,
    check_proportions,
    check_face_size,
)


def check_photo(image: Pixels, body: Body) -> Refused | None:
    """The first rule that the photo (uint8 [H, W, 3] RGB) or its parse breaks, if any."""
    return (
        _first(_OUTLINE, body)
        or check_sharp(image, body)
        or _first(_BODY, body)
        or check_quality(image, body)
        or check_light(image, body)
        or check_backdrop(image, body)
    )


def _first(rules: _Rules, body: Body) -> Refused | None:
    return next((refused for rule in rules if (refused := rule(body))), None)
