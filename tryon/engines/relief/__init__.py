"""Relief: a finished look inflated from its silhouette into Gaussians. CPU, no weights, about 0.2 s.

Torso, legs and arms are inflated by a Poisson equation (laplace(h) = -4 inside, h = 0 outside, half-thickness
sqrt(h): a disc becomes a hemisphere) and set where a standing person has them: toes and hands forward, the neck
back. Where the parser's net tells depths, the front lies there: people turn, step forward, bend their arms.
The front carries the photo's pixels, the sides their colours, the back what both sides blend to.
It is a relief for a small orbit (about 40 degrees each way), not a reconstruction, and `facts` says so.
"""

from tryon.engines.relief.splatter import Relief

__all__ = ["Relief"]
