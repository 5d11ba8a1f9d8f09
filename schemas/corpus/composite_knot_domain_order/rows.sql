INSERT INTO t SELECT 1, jsonb_populate_record(NULL::firm, '{"name":"Main","seat":"Tver"}');
