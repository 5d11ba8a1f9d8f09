CREATE AGGREGATE public.minutes (basetype = integer, sfunc1 = int4_sum, stype1 = int8);
