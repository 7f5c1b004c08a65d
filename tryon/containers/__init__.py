"""What the apps of deploy/modal have in common. It is imported where they are deployed, and in their containers."""
