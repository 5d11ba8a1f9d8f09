CREATE TABLE clients (id int PRIMARY KEY, phone text CONSTRAINT phone_needed NOT NULL);
COMMENT ON CONSTRAINT phone_needed ON clients IS 'we call before we cancel';
