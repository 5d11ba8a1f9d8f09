CREATE TABLE addresses (street text, town text, door text);
CREATE TABLE salons (id int PRIMARY KEY, place addresses);
