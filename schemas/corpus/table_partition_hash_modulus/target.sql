CREATE TABLE "Client Files" (client_id int NOT NULL, body text) PARTITION BY HASH (client_id);
CREATE TABLE client_files_0 PARTITION OF "Client Files" FOR VALUES WITH (MODULUS 4, REMAINDER 0);
