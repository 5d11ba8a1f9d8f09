CREATE TABLE photos (id int PRIMARY KEY, caption text, picture bytea);
ALTER TABLE photos ALTER caption SET STATISTICS 200;
