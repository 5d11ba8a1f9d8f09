CREATE AGGREGATE minutes(int) (sfunc = int4_sum, stype = bigint, initcond = '0');
