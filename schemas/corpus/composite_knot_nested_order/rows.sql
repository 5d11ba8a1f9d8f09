INSERT INTO t SELECT 1, ROW(r, ARRAY[r,r], 1.50)::deal, ARRAY[ROW(r, ARRAY[r], 2)::deal] FROM (SELECT (jsonb_populate_record(NULL::firm, '{"name":"Main","seat":"Tver"}')) AS r) x;
