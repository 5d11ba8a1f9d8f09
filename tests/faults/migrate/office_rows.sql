-- Rows of the source; office.rows says how many visits there are, the other tables follow it.
INSERT INTO public.company
SELECT id, 'company ' || id, '80005550001' FROM unnest(ARRAY[900100, 900200]) id;

INSERT INTO public.person (company, manager, name, email, phone, state, tags, settings)
SELECT CASE g % 2 WHEN 0 THEN 900100 ELSE 900200 END,
       -- Some point to rows that come after them.
       NULL,
       'person ' || g,
       CASE WHEN g % 3 > 0 THEN 'p' || g || '@example.invalid' END,
       '8000555' || lpad((g % 10000)::text, 4, '0'),
       (ARRAY['new', 'open', 'closed']::public.state[])[1 + g % 3],
       CASE WHEN g % 4 > 0 THEN ARRAY['a' || g, NULL, 'quote " and , comma'] ELSE '{}' END,
       CASE WHEN g % 5 > 0 THEN jsonb_build_object('n', g, 'nested', jsonb_build_array(g, NULL, 'tab	and \ slash')) END
FROM generate_series(1, current_setting('office.rows')::integer / 10) g;
UPDATE public.person SET manager = 1 + (id * 7) % (SELECT count(*) FROM public.person) WHERE id % 3 > 0;

INSERT INTO public.visit (person, code, at, price, weight, parts, note)
SELECT 1 + g % (SELECT count(*) FROM public.person),
       'v-' || g,
       timestamptz '2026-01-01 08:00+00' + g * interval '7 minutes',
       CASE WHEN g % 6 > 0 THEN g / 7.0 END,
       CASE g % 100 WHEN 0 THEN 'NaN' WHEN 1 THEN '-0' ELSE g / 3.0 END,
       CASE WHEN g % 2 = 0 THEN ARRAY[g, NULL, -g] END,
       CASE WHEN g % 3 > 0 THEN repeat(E'line\nnext ', g % 20) END
FROM generate_series(1, current_setting('office.rows')::integer) g;
-- Holes in the key.
DELETE FROM public.visit WHERE id % 11 = 0 OR id BETWEEN 100 AND 180;

INSERT INTO public.entry
SELECT CASE WHEN g % 7 > 0 THEN 'kind ' || g % 5 END, g % 9, date '2026-02-01' + g % 4
FROM generate_series(1, current_setting('office.rows')::integer / 4) g;

INSERT INTO public.document
SELECT md5(g::text)::uuid,
       CASE WHEN g % 2 = 0 THEN 1 + g % 50 END,
       (SELECT string_agg(md5((g * 1000 + h)::text), '') FROM generate_series(1, 100 + g % 300) h),
       decode(repeat(md5(g::text), 100 + g % 200), 'hex')
FROM generate_series(1, current_setting('office.rows')::integer / 60) g;

INSERT INTO public.booking
SELECT company, date '2026-03-01' + g / 8, g % 8, 1 + g % 50
FROM unnest(ARRAY[900100, 900200]) company, generate_series(0, current_setting('office.rows')::integer / 8) g;

INSERT INTO public.measurement
SELECT g, date '2025-06-01' + g % 900, CASE WHEN g % 10 > 0 THEN g / 9.0 END
FROM generate_series(1, current_setting('office.rows')::integer / 3) g;

INSERT INTO public.price (id, label, value)
SELECT g * 3, CASE WHEN g % 4 > 0 THEN 'label ' || g END, g / 4.0
FROM generate_series(1, current_setting('office.rows')::integer / 5) g;

INSERT INTO public.tick VALUES (1, 0);
-- Behind no row, and not where the highest row would put them.
SELECT setval('public.visit_id_seq', 1000000), setval('public.price_id_seq', 2000000);
ANALYZE;
