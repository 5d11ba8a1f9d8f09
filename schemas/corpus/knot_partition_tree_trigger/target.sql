CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.note := coalesce(NEW.note, ''-''); RETURN NEW; END';
CREATE TABLE visits (id int NOT NULL, happened date NOT NULL, salon text NOT NULL, note text) PARTITION BY RANGE (happened);
CREATE TABLE visits_2023 PARTITION OF visits FOR VALUES FROM ('2023-01-01') TO ('2024-01-01') PARTITION BY LIST (salon);
CREATE TABLE visits_2023_graz PARTITION OF visits_2023 FOR VALUES IN ('Graz');
CREATE TABLE visits_2023_rest PARTITION OF visits_2023 DEFAULT;
CREATE TABLE visits_2024 PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX visits_salon ON visits (salon, happened);
ALTER TABLE visits ENABLE ROW LEVEL SECURITY;
CREATE POLICY graz ON visits FOR SELECT TO corpus_reader USING (salon = 'Graz');
