CREATE TABLE payments (id int PRIMARY KEY, day date, amount numeric);
CREATE MATERIALIZED VIEW takings AS SELECT day, sum(amount) AS total FROM payments GROUP BY day;
CREATE UNIQUE INDEX takings_day ON takings (day);
