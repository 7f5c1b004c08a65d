"""What a look at the uploads asks for: ready, missing, not being made, and not resting."""
