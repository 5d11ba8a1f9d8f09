INSERT INTO t VALUES (1, 'a'); INSERT INTO q VALUES ('c', '{a}', 4);
