CREATE TABLE t (a text DEFAULT 'x', b int DEFAULT 0, c varchar(9) DEFAULT 'y', d date DEFAULT NULL, e boolean DEFAULT false);
