"""The stages for callers of the services: a photo that is nobody's upload, worked on by the stage itself.

No record, no product, no recipe: what comes back is the stage's own verdict, `Made` or `Refused`.
"""
