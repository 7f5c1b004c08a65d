"""Quality verdicts: what an asset must pass before it may be published.

Each `judge_*` takes raw arrays at working size, BEFORE lossy encoding, and answers None (good) or
`Refused(code, message)` with the measured figure and the threshold. None of them raises on a bad array:
a wrong dtype, rank or size is a verdict too. Codes are stable words; they start with the stage's name.
"""

from tryon.core.quality._crops import is_cut_out, judge_crop
from tryon.core.quality._masks import judge_mask
from tryon.core.quality._splats import judge_splat
from tryon.core.quality._tryons import judge_tryon

__all__ = ["is_cut_out", "judge_crop", "judge_mask", "judge_splat", "judge_tryon"]
