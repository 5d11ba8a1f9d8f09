CREATE TABLE t (a integer, b character varying(5), c numeric(5,1), d timestamp(3) with time zone, e boolean, f double precision, g character(1), h bit varying(3), i interval, j bigint[]);
