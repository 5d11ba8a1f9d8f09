CREATE TABLE payments (id int PRIMARY KEY, amount int NOT NULL);
CREATE VIEW paid AS SELECT id, amount FROM payments WHERE id > 0;
CREATE VIEW paid_sums AS SELECT sum(id) AS ids, max(amount) AS most FROM paid;
