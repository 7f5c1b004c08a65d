"""Google Cloud Firestore: records, users' documents and the log of the production profile.

Every document's id is a hash, and what must be unique or ordered is a document that can only be created once: no
counter, and no document that all writers change. Each document carries the number of its schema.
"""
