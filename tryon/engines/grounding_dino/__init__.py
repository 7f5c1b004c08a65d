"""Detector with Grounding DINO or MM-Grounding-DINO, by transformers: boxes for described garments."""
