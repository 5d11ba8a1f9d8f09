CREATE TABLE payments (id int, paid date, PRIMARY KEY (id, paid)) PARTITION BY RANGE (paid);
CREATE TABLE payments_2024 PARTITION OF payments FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX payments_paid ON payments (paid);
COMMENT ON TABLE payments_2024 IS 'closed year';
COMMENT ON COLUMN payments_2024.paid IS 'in 2024';
COMMENT ON INDEX payments_2024_paid_idx IS 'attached';
