BEGIN;
INSERT INTO salons (id, name, manager_id) VALUES (1, 'Innere Stadt', NULL);
INSERT INTO staff (id, salon_id) VALUES (7, 1);
UPDATE salons SET manager_id = 7;
COMMIT;
