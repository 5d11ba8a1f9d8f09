CREATE AGGREGATE minutes(int) (sfunc = int4pl, stype = int, initcond = '0');
