-- Another number after every change of an item, so that who keeps the catalogue sees with one look whether it is current.
CREATE TABLE marks (
    what TEXT PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO marks (what, number) VALUES ('items', 0);
CREATE TRIGGER item_inserted AFTER INSERT ON uploads WHEN NEW.kind = 'item' BEGIN
    UPDATE marks SET number = number + 1 WHERE what = 'items';
END;
CREATE TRIGGER item_changed AFTER UPDATE ON uploads WHEN NEW.kind = 'item' BEGIN
    UPDATE marks SET number = number + 1 WHERE what = 'items';
END;
CREATE TRIGGER item_deleted AFTER DELETE ON uploads WHEN OLD.kind = 'item' BEGIN
    UPDATE marks SET number = number + 1 WHERE what = 'items';
END;
