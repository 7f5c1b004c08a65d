"""The splat service: one picture becomes 3D Gaussians, as JSON or as a PLY file."""
