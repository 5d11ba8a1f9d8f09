CREATE TABLE t (a int4, b varchar(5), c decimal(5,1), d timestamptz(3), e bool, f float8, g char, h varbit(3), i interval, j int8[]);
