"""Cloudinary: masks of the production profile. The SDK is imported at the first call."""
