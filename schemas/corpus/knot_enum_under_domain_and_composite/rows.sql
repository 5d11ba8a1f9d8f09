INSERT INTO t VALUES (ROW('a', '{a,c}', 'c'), 'a', ARRAY[ROW('a', '{a}', 'c')::c]);
