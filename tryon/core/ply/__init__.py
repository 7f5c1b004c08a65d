"""3D Gaussian splats as binary PLY files: vertex-only, or with the extra elements of Apple's ml-sharp.

Vertex columns, float32: x y z, f_dc_0..2 (degree-0 spherical harmonics of the colour), opacity (logit),
scale_0..2 (natural log of metres), rot_0..3 (quaternion wxyz). This is the order of ml-sharp's writer. The
nx ny nz of the original 3DGS writer carry nothing and no viewer needs them; they are ignored when read.

Vertex-only is the default because some readers refuse a file with unknown elements. Such files say
`comment color_space sRGB` in the header: without it ml-sharp's rule "absent means linear" would read our
own colours wrongly.
"""

from tryon.core.ply._layout import SH_C0, Layout, linear_from_srgb, srgb_from_linear
from tryon.core.ply._read import read_ply
from tryon.core.ply._write import write_ply

__all__ = ["SH_C0", "Layout", "linear_from_srgb", "read_ply", "srgb_from_linear", "write_ply"]
