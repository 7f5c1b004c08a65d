"""The splat service: one picture becomes 3D Gaussians, as JSON or as a PLY file."""

from tryon.services.splats.app import create_app, loader

__all__ = ["create_app", "loader"]
