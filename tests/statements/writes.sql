-- Writes as data layers write them, for the reference schemas: every one is sound on the source.

INSERT INTO clients (yclients_id, company_id, name) VALUES ($1, $2, $3) ON CONFLICT (yclients_id, company_id) DO
    UPDATE SET name = EXCLUDED.name, updated_at = now() RETURNING *;
INSERT INTO clients AS c (yclients_id,company_id,name,phone) VALUES ($1,$2,$3,$4),($5,$6,$7,$8) ON CONFLICT
    (company_id, yclients_id) DO UPDATE SET (name, phone) = (EXCLUDED.name, EXCLUDED.phone), visit_count =
    c.visit_count + 1 WHERE c.name IS DISTINCT FROM EXCLUDED.name RETURNING c.id, (xmax = 0) AS inserted;
INSERT INTO companies (company_id, title) VALUES ($1, $2) ON CONFLICT (company_id) DO NOTHING;
INSERT INTO bookings (yclients_record_id, company_id, datetime) VALUES ($1, $2, $3) ON CONFLICT ON CONSTRAINT
    bookings_yclients_record_id_company_id_key DO UPDATE SET datetime = EXCLUDED.datetime;
INSERT INTO staff (yclients_id, company_id, name) SELECT $1, company_id, title FROM companies WHERE company_id =
    $2 ON CONFLICT DO NOTHING RETURNING id;
INSERT INTO services SELECT * FROM json_populate_recordset(NULL::services, $1) ON CONFLICT (yclients_id,
    company_id) DO NOTHING;
INSERT INTO dialog_contexts (user_id, data) VALUES ($1, $2::jsonb) ON CONFLICT (user_id) DO UPDATE SET data =
    dialog_contexts.data || EXCLUDED.data;
INSERT INTO staff_schedules (staff_id, staff_name, date, company_id) SELECT r.staff_id, r.name, r.date,
    r.company_id FROM unnest($1::bigint[], $2::text[], $3::date[], $4::int[]) AS r(staff_id, name, date, company_id)
    ON CONFLICT (staff_id, date, company_id) DO UPDATE SET staff_name = EXCLUDED.staff_name;
INSERT INTO reminders (booking_id, company_id, client_phone, remind_at, text) VALUES ($1, $2, $3, now() +
    interval '1 day', $4) ON CONFLICT (kind, booking_id) DO NOTHING;
INSERT INTO clients DEFAULT VALUES;
INSERT INTO companies OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3);
UPDATE clients SET name = $1, phone = $2, updated_at = now() WHERE yclients_id = $3 AND company_id = $4
    RETURNING *;
UPDATE clients AS c SET visit_count = n.visits FROM (SELECT client_phone, count(*)::int AS visits FROM bookings
    GROUP BY client_phone) AS n WHERE n.client_phone = c.phone;
UPDATE bookings SET status = v.status FROM (VALUES ($1::bigint, $2)) AS v(id, status) WHERE bookings.id = v.id
    RETURNING bookings.id, v.status;
UPDATE dialog_contexts SET data = jsonb_set(data, '{step}', $1), message_count = message_count + 1 WHERE user_id
    = $2;
UPDATE staff SET service_ids[1] = $1, (rating, votes_count) = (SELECT avg(price), count(*) FROM bookings WHERE
    staff_id = staff.yclients_id) WHERE is_active;
DELETE FROM reminders WHERE remind_at < $1 RETURNING id, client_phone;
DELETE FROM reminders r USING bookings b WHERE b.id = r.booking_id AND b.status = 'cancelled';
WITH gone AS (DELETE FROM reminders WHERE status = $1 RETURNING *) SELECT count(*), min(remind_at) FROM gone;
WITH made AS (INSERT INTO companies (company_id, title) VALUES ($1, $2) RETURNING company_id) INSERT INTO staff
    (yclients_id, company_id, name) SELECT $3, company_id, $4 FROM made;
MERGE INTO services AS s USING (SELECT $1::bigint AS yclients_id, $2::int AS company_id, $3::text AS title) AS n
    ON s.yclients_id = n.yclients_id AND s.company_id = n.company_id WHEN MATCHED THEN UPDATE SET title = n.title
    WHEN NOT MATCHED THEN INSERT (yclients_id, company_id, title) VALUES (n.yclients_id, n.company_id, n.title);
