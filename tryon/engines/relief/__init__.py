"""Relief: a finished look inflated from its silhouette into Gaussians. CPU, no weights, about 0.1 s.

The person's mask is inflated by a Poisson equation (laplace(h) = -4 inside, h = 0 outside, half-thickness
sqrt(h): a disc becomes a hemisphere). The front carries the photo's pixels; back and sides are synthetic.
It is a relief for a small orbit (about 25 degrees each way), not a reconstruction, and `facts` says so.
"""

from tryon.engines.relief.splatter import Relief

__all__ = ["Relief"]
