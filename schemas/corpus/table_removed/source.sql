CREATE TABLE clients (
    id int PRIMARY KEY,
    name text NOT NULL,
    phone varchar(20)
);
CREATE TABLE waiting_list (id int PRIMARY KEY, client_id int NOT NULL REFERENCES clients, asked_for date);
CREATE INDEX waiting_list_date ON waiting_list (asked_for);
