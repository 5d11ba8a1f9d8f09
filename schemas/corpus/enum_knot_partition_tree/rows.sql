INSERT INTO t(id,s) VALUES (1,'a'),(20,'c');
