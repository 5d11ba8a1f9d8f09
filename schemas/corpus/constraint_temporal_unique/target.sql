CREATE TABLE prices (chairs int4range NOT NULL, valid daterange NOT NULL, price numeric, CONSTRAINT prices_key UNIQUE (chairs, valid WITHOUT OVERLAPS));
