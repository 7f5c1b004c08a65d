"""CatVTON: try-on by latent diffusion (diffusers)."""
