CREATE TABLE "Gäste" (id int PRIMARY KEY, height int, CONSTRAINT tall CHECK (height > 0));
CREATE INDEX by_size ON "Gäste" (height);
CREATE VIEW sizes AS SELECT id, height AS size FROM "Gäste";
