CREATE TABLE staff (id int PRIMARY KEY, boss int REFERENCES staff);
CREATE RECURSIVE VIEW chain (id, boss) AS SELECT id, boss FROM staff WHERE boss IS NULL UNION ALL SELECT s.id, s.boss FROM staff s JOIN chain c ON c.boss = s.id;
