INSERT INTO t(street,city) VALUES ('Main','Tver');
