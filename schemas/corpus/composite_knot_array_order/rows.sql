INSERT INTO t VALUES (1, NULL),(2,'{}');
INSERT INTO t SELECT 3, array_agg(r) FROM (SELECT (jsonb_populate_record(NULL::addr, '{"street":"Main","city":"Tver"}')) AS r UNION ALL SELECT NULL) x;
