"""SHARP: a finished look as 3D Gaussians that Apple's network predicts from the one picture.

Mescheder et al., "Sharp Monocular View Synthesis in Less Than a Second", arXiv 2512.10685. The network is the upstream
package, an optional install pinned by commit; what happens before and after it is our own code:

    picture -> prepare (1536 x 1536, f_px / width) -> predictor -> prune (the person's cells) -> unproject -> Gaussians
"""

from tryon.engines.sharp.engine import Sharp
from tryon.engines.sharp.models import MODELS

__all__ = ["MODELS", "Sharp"]
