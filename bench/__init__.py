"""Every figure of docs/benchmarks.md: `python -m bench NAME --json` prints one JSON object as its last line."""
