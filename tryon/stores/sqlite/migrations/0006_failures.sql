-- What became of one product, and the last failures, without reading the whole log.
CREATE INDEX events_of_product ON events (recipe, position);
CREATE INDEX events_failed ON events (position) WHERE event = 'failed';
