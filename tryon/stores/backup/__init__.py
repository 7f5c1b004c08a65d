"""Backup and restore of a data folder: uploads, the blobs that records name, the database, export, receipts.

Not in it: Dagster's storage, which results do not need, and whatever no record names.
"""
