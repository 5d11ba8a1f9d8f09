INSERT INTO t(street,zip) VALUES ('Main','1');
