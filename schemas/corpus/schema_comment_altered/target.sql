CREATE SCHEMA reports;
COMMENT ON SCHEMA reports IS 'for everyone';
CREATE TABLE reports.sums (day date PRIMARY KEY, total numeric);
