INSERT INTO t(id,a,b,c,r) VALUES (1,'a','c','(c)','{a,c}');
INSERT INTO u VALUES ('a');
