CREATE SEQUENCE numbers;
CREATE TABLE bills (id bigint PRIMARY KEY DEFAULT nextval('numbers'));
CREATE TABLE credits (id bigint PRIMARY KEY DEFAULT nextval('numbers'));
