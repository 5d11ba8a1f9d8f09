-- Reads as data layers write them, for the reference schemas: every one is sound on the source.

SELECT * FROM clients WHERE company_id = $1 AND phone = $2;
SELECT * FROM public.clients WHERE company_id = $1 ORDER BY last_visit_date DESC NULLS LAST, id LIMIT $2 OFFSET
    $3;
SELECT id, name AS full_name, lower(email) FROM clients ORDER BY full_name, lower(name), 1;
SELECT "id", "name" FROM "clients" AS "c" WHERE "c"."phone" = ANY($1::text[]);
SELECT c.id, c.* FROM clients AS c WHERE c.yclients_id = ANY($1::bigint[]) AND c.company_id=$2;
SELECT count(*) AS count FROM clients WHERE company_id = $1 AND name ILIKE $2 ESCAPE '\';
SELECT count(*) FILTER (WHERE is_blocked), max(total_spent), avg(average_check) FROM clients GROUP BY company_id;
SELECT company_id, loyalty_level AS level, count(*) FROM clients GROUP BY company_id, level HAVING sum(debt) > 0;
SELECT DISTINCT ON (company_id) company_id, name FROM clients ORDER BY company_id, total_spent DESC;
SELECT raw_data ->> 'fired', raw_data -> 'a' -> 0, raw_data #>> '{active,x}' FROM staff WHERE raw_data @> '{}';
SELECT * FROM staff WHERE raw_data ? 'fired' AND NOT (raw_data ?| ARRAY['active']) AND is_active IS TRUE;
SELECT name, rank() OVER (PARTITION BY company_id ORDER BY rating DESC) FROM staff;
SELECT sum(price) OVER w, lag(price) OVER w FROM bookings WINDOW w AS (PARTITION BY staff_id ORDER BY datetime);
SELECT b.id, s.name, s.specialization FROM bookings b JOIN staff s ON s.yclients_id = b.staff_id AND
    s.company_id = b.company_id WHERE b.datetime >= $1 AND b.status IN ('pending', 'confirmed');
SELECT b.id, title, phone FROM bookings b LEFT JOIN companies USING (company_id) WHERE b.client_phone = $1;
SELECT client_phone, specialization FROM bookings JOIN staff ON bookings.staff_id = staff.yclients_id;
SELECT * FROM clients c WHERE EXISTS (SELECT 1 FROM bookings b WHERE b.client_phone = c.phone AND status = $1);
SELECT * FROM clients WHERE phone IN (SELECT client_phone FROM bookings WHERE datetime > now() - interval '7
    days');
SELECT (SELECT max(datetime) FROM bookings WHERE client_yclients_id = c.yclients_id) AS latest FROM clients c;
SELECT c.name, last.datetime FROM clients c LEFT JOIN LATERAL (SELECT b.datetime FROM bookings b WHERE
    b.client_phone = c.phone ORDER BY b.datetime DESC LIMIT 1) last ON true;
SELECT t.level, t.n FROM (SELECT loyalty_level AS level, count(*) AS n FROM clients GROUP BY 1) AS t WHERE t.n >
    1;
SELECT q.phone FROM (SELECT * FROM clients WHERE company_id = $1) q ORDER BY q.total_spent;
WITH active AS (SELECT * FROM staff WHERE is_active), n AS (SELECT count(*) AS total FROM active) SELECT
    active.name, total FROM active, n;
WITH recent (who, at) AS MATERIALIZED (SELECT client_phone, datetime FROM bookings) SELECT who, max(at) FROM
    recent GROUP BY who;
WITH RECURSIVE days AS (SELECT current_date AS day UNION ALL SELECT day + 1 FROM days WHERE day < current_date +
    7) SELECT day, s.staff_name FROM days LEFT JOIN staff_schedules s ON s.date = day;
SELECT name FROM staff UNION ALL SELECT title FROM services ORDER BY name LIMIT 5;
(SELECT id FROM staff ORDER BY rating LIMIT 1) UNION (SELECT id FROM services ORDER BY weight LIMIT 1);
SELECT wanted.id, c.name FROM unnest($1::bigint[]) AS wanted(id) LEFT JOIN clients c ON c.yclients_id =
    wanted.id;
SELECT u.y, u.n, c.id FROM unnest($1::bigint[]) WITH ORDINALITY AS u(y, n) JOIN clients c ON c.yclients_id = u.y;
SELECT c.id, tag FROM clients c, unnest(c.tags) AS tag WHERE tag <> '';
SELECT d.user_id, m ->> 'text' FROM dialog_contexts d CROSS JOIN LATERAL jsonb_array_elements(d.messages) AS m;
SELECT user_id, e.key, value FROM dialog_contexts, jsonb_each_text(data) AS e;
SELECT r.staff_id, r.day FROM json_to_recordset($1) AS r(staff_id bigint, day date) JOIN staff_schedules s ON
    s.staff_id = r.staff_id AND s.date = r.day;
SELECT p.phone, p.name FROM json_populate_recordset(NULL::public.clients, $1) AS p;
SELECT g, count(b.id) FROM generate_series(1, 12) AS g LEFT JOIN bookings b ON extract(month FROM b.datetime) =
    g GROUP BY g;
SELECT v.code, c.id FROM (VALUES (1, 'a'), (2, 'b')) AS v(num, code) JOIN clients c ON c.id = v.num;
SELECT json_agg(json_build_object('id', b.id, 'price', b.price) ORDER BY b.datetime) FROM bookings b;
SELECT to_jsonb(c) - 'raw_data', row_to_json(c) FROM clients c WHERE c IS NOT NULL;
SELECT coalesce(price_max, price_min)::numeric(12, 2), cast(duration AS text), greatest(weight, 0) FROM services;
SELECT CASE WHEN is_working THEN work_start ELSE NULL END, shift && tstzrange($1, $2) FROM staff_schedules;
SELECT id FROM bookings WHERE (staff_id, datetime) IN (($1, $2), ($3, $4)) AND (company_id, id) > ($5,$6);
SELECT date_trunc('day', datetime AT TIME ZONE 'UTC'), to_char(datetime, 'YYYY-MM') FROM bookings GROUP BY 1, 2;
SELECT string_agg(DISTINCT name, ', ' ORDER BY name), percentile_cont(0.5) WITHIN GROUP (ORDER BY rating) FROM
    staff;
SELECT id FROM clients WHERE birth_date BETWEEN $1 AND $2 AND email IS NOT NULL AND name !~* 'тест';
SELECT id FROM bookings WHERE company_id = $1 FOR UPDATE SKIP LOCKED;
SELECT b.id FROM bookings b JOIN clients c ON c.phone = b.client_phone FOR NO KEY UPDATE OF b;
SELECT ctid, xmin, tableoid::regclass, user, current_user FROM staff;
SELECT normalize_phone(phone) FROM clients WHERE public.normalize_phone(phone) = $1;
SELECT w.id, w.name FROM clients_with_phone($1, $2) AS w JOIN companies USING (company_id);
SELECT id, staff_name, specialization FROM active_bookings WHERE client_phone = $1 ORDER BY datetime;
SELECT clients, total_spent FROM client_totals WHERE loyalty_level = $1;
SELECT a.id FROM (bookings a JOIN staff s ON s.yclients_id = a.staff_id) JOIN services v ON v.yclients_id =
    service_id;
SELECT s.staff_name FROM staff_schedules s NATURAL JOIN (SELECT 1::bigint AS staff_id) one;
SELECT EXISTS (SELECT FROM reminders WHERE remind_at < now() AND sent_at IS NULL);
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace;
SELECT column_name FROM information_schema.columns WHERE table_name = 'clients';
TABLE companies;
SELECT (s).name, (s.raw_data) FROM staff s;
SELECT ARRAY(SELECT id FROM services WHERE is_active ORDER BY weight), service_ids[1:2] FROM staff;
SELECT id FROM clients WHERE to_tsvector('simple', name) @@ plainto_tsquery('simple', $1);
SELECT 1 AS active, 2 AS fired FROM staff ORDER BY active, fired;
