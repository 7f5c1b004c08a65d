"""CatVTON: try-on by latent diffusion (diffusers)."""

from tryon.engines.catvton.dresser import CatVton
from tryon.engines.catvton.models import MODELS
from tryon.engines.catvton.schedulers import Sampling

__all__ = ["MODELS", "CatVton", "Sampling"]
