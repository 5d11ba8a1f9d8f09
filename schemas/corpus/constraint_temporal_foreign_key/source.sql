CREATE TABLE prices (chairs int4range NOT NULL, valid daterange NOT NULL, price numeric, CONSTRAINT prices_key PRIMARY KEY (chairs, valid WITHOUT OVERLAPS));
CREATE TABLE discounts (chairs int4range, valid daterange, percent int, CONSTRAINT discounts_price FOREIGN KEY (chairs, PERIOD valid) REFERENCES prices (chairs, PERIOD valid));
