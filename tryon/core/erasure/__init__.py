"""Erasing an upload and everything made from it, everywhere, and proving it."""
