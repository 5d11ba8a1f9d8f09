"""The schema that the tests of embedding, spreading and aggregating share: salons, clients, staff and bookings."""

from __future__ import annotations

SALON = """
CREATE SCHEMA api;
SET search_path = api;

CREATE TABLE companies (company_id int PRIMARY KEY, title text);
INSERT INTO companies VALUES (900100, 'Салон'), (900200, 'Второй');

CREATE TABLE clients (
    id int PRIMARY KEY, company_id int REFERENCES companies, name text, phone text, tags text[], extra jsonb
);
INSERT INTO clients VALUES
    (1, 900100, 'Анна', '80005550001', '{a,b}', '{"level": 3, "city": "Минск"}'),
    (2, 900100, 'Борис', '80005550002', '{}', '{"level": 1}'),
    (3, 900200, 'Вера', NULL, NULL, '{"level": 2, "city": "Брест"}'),
    (4, 900200, 'Галя', '80005550004', NULL, NULL);

CREATE TABLE staff (id int PRIMARY KEY, company_id int REFERENCES companies, name text, mentor_id int);
INSERT INTO staff VALUES (1, 900100, 'Глеб', NULL), (2, 900100, 'Дина', 1), (3, 900100, 'Егор', 2);

CREATE TABLE passports (staff_id int PRIMARY KEY REFERENCES staff, number text);
INSERT INTO passports VALUES (1, 'A-1');

CREATE TABLE skills (id int PRIMARY KEY, title text);
INSERT INTO skills VALUES (1, 'cut'), (2, 'colour'), (3, 'shave');
CREATE TABLE staff_skills (
    staff_id int REFERENCES staff, skill_id int REFERENCES skills, level int, PRIMARY KEY (staff_id, skill_id)
);
INSERT INTO staff_skills VALUES (1, 1, 5), (1, 2, 4), (2, 1, 2);

CREATE TABLE bookings (
    id int PRIMARY KEY, client_id int REFERENCES clients, staff_id int REFERENCES staff, title text, price numeric
);
INSERT INTO bookings VALUES
    (1, 1, 1, 'стрижка', 1000), (2, 1, 2, 'окраска', 3000), (3, 2, 1, 'укладка', 1500), (4, 3, 2, 'окраска', 1200),
    (5, NULL, NULL, 'стрижка', 500);

CREATE TABLE reviews (id int PRIMARY KEY, booking_id int REFERENCES bookings, stars int, remark text);
INSERT INTO reviews VALUES (1, 1, 5, 'да'), (2, 1, 3, NULL), (3, 3, 4, NULL);

CREATE TABLE rooms (rooms int PRIMARY KEY, name text);
INSERT INTO rooms VALUES (1, 'зал'), (2, 'кабинет');

CREATE TABLE notes_1 (id int PRIMARY KEY, topic text);
CREATE TABLE notes (id int PRIMARY KEY, topic_id int REFERENCES notes_1, body text);
INSERT INTO notes_1 VALUES (1, 'а'), (7, 'я');
INSERT INTO notes VALUES (1, 1, 'раз'), (7, 7, 'два');

CREATE TABLE department_department_department_department_department_of_salon (id int PRIMARY KEY, parent_id int
    REFERENCES department_department_department_department_department_of_salon);
INSERT INTO department_department_department_department_department_of_salon VALUES (1, NULL), (2, 1), (3, 2);

CREATE FUNCTION first_booking(clients) RETURNS SETOF bookings ROWS 1 STABLE LANGUAGE sql
    AS 'SELECT * FROM api.bookings WHERE client_id = $1.id ORDER BY id LIMIT 1';
CREATE FUNCTION home_company(clients) RETURNS companies STABLE LANGUAGE sql
    AS 'SELECT * FROM api.companies WHERE company_id = $1.company_id';
CREATE FUNCTION named_clients(companies) RETURNS SETOF clients STABLE LANGUAGE sql
    AS 'SELECT * FROM api.clients WHERE company_id = $1.company_id';
CREATE FUNCTION mentor(staff) RETURNS SETOF staff ROWS 1 STABLE LANGUAGE sql
    AS 'SELECT * FROM api.staff WHERE id = $1.mentor_id';
CREATE FUNCTION mentees(staff) RETURNS SETOF staff STABLE LANGUAGE sql
    AS 'SELECT * FROM api.staff WHERE mentor_id = $1.id';
CREATE FUNCTION contacts(companies) RETURNS SETOF clients STABLE LANGUAGE sql
    AS 'SELECT * FROM api.clients WHERE company_id = $1.company_id';
CREATE FUNCTION contacts(staff) RETURNS SETOF clients STABLE LANGUAGE sql
    AS 'SELECT * FROM api.clients WHERE id = $1.id';
CREATE FUNCTION booked(rooms) RETURNS SETOF bookings STABLE LANGUAGE sql
    AS 'SELECT * FROM api.bookings WHERE staff_id = $1.rooms AND $1.rooms = 1';
CREATE FUNCTION initial(clients) RETURNS text STABLE LANGUAGE sql AS 'SELECT left($1.name, 1)';

CREATE FUNCTION everyone() RETURNS SETOF clients STABLE LANGUAGE sql AS 'SELECT * FROM api.clients ORDER BY id';
CREATE FUNCTION team() RETURNS SETOF staff STABLE LANGUAGE sql AS 'SELECT * FROM api.staff ORDER BY id';
"""
