CREATE TABLE a (w int, h int, area int GENERATED ALWAYS AS (w * h) STORED); CREATE INDEX ai ON a (area); CREATE VIEW v AS SELECT area FROM a;
