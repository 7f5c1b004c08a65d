"""Analyzer that shows the photo to a vision model of OpenAI and lets plain rules choose from what it lists."""

from tryon.engines.openai_vision.analyzer import OpenAiAnalyzer

__all__ = ["OpenAiAnalyzer"]
