CREATE SCHEMA reports;
COMMENT ON SCHEMA reports IS 'for the owner';
CREATE TABLE reports.sums (day date PRIMARY KEY, total numeric);
