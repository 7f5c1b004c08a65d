"""The warp dresser: a classical try-on for the CPU. Use `WarpDresser`."""

from tryon.engines.warp.dresser import WarpDresser

__all__ = ["WarpDresser"]
