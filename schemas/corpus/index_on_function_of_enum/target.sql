CREATE TYPE "Статус" AS ENUM ('новая', 'готова', 'отмена');
CREATE TABLE "Записи" (id int PRIMARY KEY, state "Статус" NOT NULL);
CREATE FUNCTION rank(value "Статус") RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT CASE value WHEN 'новая' THEN 1 ELSE 2 END $$;
CREATE INDEX "по рангу" ON "Записи" (rank(state)) WHERE state <> 'готова';
