"""The warp dresser: a classical try-on for the CPU (part-wise warp and composite)."""
