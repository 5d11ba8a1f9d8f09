CREATE TYPE price_line AS (code text, amount numeric(8,2));
CREATE TABLE price_lines OF price_line (PRIMARY KEY (code), amount WITH OPTIONS DEFAULT 0);
