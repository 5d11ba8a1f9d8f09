CREATE SCHEMA reports AUTHORIZATION corpus_writer;
CREATE TABLE reports.sums (day date PRIMARY KEY);
