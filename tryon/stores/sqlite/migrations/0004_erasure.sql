-- When the source stopped offering it; a limited time later it is erased.
ALTER TABLE uploads ADD COLUMN suspended_at TEXT;
UPDATE uploads SET suspended_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE suspended;

-- A tombstone is final when erased_at is set. receipt: JSON; a draft until then.
ALTER TABLE uploads ADD COLUMN erased_at TEXT;
ALTER TABLE uploads ADD COLUMN receipt TEXT NOT NULL DEFAULT '';
CREATE INDEX tombstones ON uploads (kind, id) WHERE buried_at IS NOT NULL;
