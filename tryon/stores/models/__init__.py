"""What the model cache (tryon.stores.model_cache) is made of: hub, download of one file, layout on the disk."""
