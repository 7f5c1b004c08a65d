"""Jobs: what a run works on."""
