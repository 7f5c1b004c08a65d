"""Comparing the stores with the records: the audit, which mends, and the checks, which report."""
