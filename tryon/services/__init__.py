"""HTTP apps. Thin: parse, ask the pipeline, answer."""
