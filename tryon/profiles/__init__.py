"""What each profile uses: which engines, which stores, where engines work, and what they cost."""
