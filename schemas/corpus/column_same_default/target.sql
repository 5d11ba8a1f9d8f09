CREATE TABLE t (a text DEFAULT 'x'::text, b int DEFAULT '0', c varchar(9) DEFAULT 'y'::varchar, d date, e boolean DEFAULT 'f');
