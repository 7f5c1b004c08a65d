-- What was given to workers on other machines, until it is published.
CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    stage TEXT NOT NULL,
    text TEXT NOT NULL,
    keys TEXT NOT NULL,
    uploads TEXT NOT NULL,
    placed_at TEXT NOT NULL,
    call TEXT NOT NULL DEFAULT '',
    delivery TEXT NOT NULL DEFAULT ''
);
CREATE INDEX orders_of_stage ON orders (stage, placed_at);
