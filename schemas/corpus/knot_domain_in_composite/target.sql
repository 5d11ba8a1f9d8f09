CREATE DOMAIN cents AS bigint CHECK (VALUE BETWEEN 0 AND 1000000);
CREATE TYPE invoice_line AS (title text, price cents);
CREATE TABLE invoices (id int PRIMARY KEY, lines invoice_line[] NOT NULL DEFAULT '{}', total cents NOT NULL DEFAULT 0);
CREATE FUNCTION sum_of(lines invoice_line[]) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT sum(price) FROM unnest(lines)';
CREATE VIEW totals AS SELECT id, sum_of(lines) AS total FROM invoices;
