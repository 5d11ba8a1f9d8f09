INSERT INTO t(street,city) VALUES ('Main','Tver');
INSERT INTO u SELECT jsonb_populate_record(NULL::addr, '{"street":"Main","city":"Tver"}');
