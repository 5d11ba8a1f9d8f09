CREATE TABLE notes (id int PRIMARY KEY, author text NOT NULL, body text);
CREATE POLICY own_notes ON notes USING (author = current_user);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
