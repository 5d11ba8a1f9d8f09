CREATE SCHEMA reports AUTHORIZATION corpus_owner;
CREATE TABLE reports.sums (day date PRIMARY KEY);
