-- The rows of every table that a case may change; run again after it.
TRUNCATE kinds, companies, clients, staff, bookings, skills, staff_skills, passports, notes, words, marks, codes, "Odd Names",
    archive.visits RESTART IDENTITY;
INSERT INTO kinds VALUES (
    1,
    true, 7, -42, 9007199254740993,
    1.10, 12.50, 1.5, 0.1, 12.34,
    'б "x" \ , (y)', 'vary', 'ab', '\xdeadbeef', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
    '2024-02-29 12:34:56.123+03', '2024-02-29 12:34:56', '2024-02-29', '12:34:56.5', '12:34:56+03', '1 year 2 mons 3 days 04:05',
    '{"b": 1, "a": [null]}', '{"b": 1, "a": [null]}',
    '10.0.0.1', '10.0.0.0/8', '08:00:2b:01:02:03', B'101', B'10', '(1,2)', 4294967295,
    'cat:1 rat:2',
    '[1,5)', '[1,9007199254740993)', '(1.5,2.5]', '[2024-01-01,2024-02-01)', '["2024-01-01 00:00+00",)',
    '{[1,3),[5,7)}',
    ROW (1, 'x'), ARRAY [ROW (1, 'x')::pair], 'ok', '{ok,sad}', 12.50,
    '{a,NULL,"c,d"}', '{1,2}', '{{1,2},{3,4}}', '{2024-02-29}', ARRAY ['{"a": 1}'::jsonb]
);
INSERT INTO kinds (
    id, t_bool, t_int8, t_numeric, t_float4, t_float8, t_text, t_bytea, t_timestamptz, t_timestamp, t_date, t_time,
    t_interval, t_json, t_jsonb, t_int4range, t_tstzrange, t_multirange, t_pair, t_moods, t_texts
) VALUES (
    2, false, 9223372036854775807, 'NaN', '-Infinity', 'Infinity', '', '', 'infinity', '-infinity', '0044-03-15 BC', '24:00:00',
    '-1 year 2 mons -3 days', '{"a": 1, "a": 2}', 'null', 'empty', '(,)', '{}', ROW (NULL, ''), '{}', '{}'
);
INSERT INTO kinds (id, t_numeric, t_float8, t_text, t_timestamptz)
    VALUES (3, 123456789012345678901234567890.123, 'NaN', '+80005550001', '0044-03-15 12:00+00 BC');
INSERT INTO kinds (id) VALUES (4);

INSERT INTO companies VALUES (900100, 'Салон', 'RUB'), (900200, 'Второй', NULL);
INSERT INTO clients (id, yclients_id, company_id, name, phone, visited_on, tags, slots, document) VALUES
    (1, 101, 900100, 'Анна', '80005550001', '2024-02-29', '{a,b}', '[1,5)', '{"vip": true, "n": 1, "at": {"k": [10, 20]}}'),
    (2, 102, 900100, 'Борис', '80005550002', NULL, '{b,"c,d"}', '[5,10)', '{"vip": false, "n": 2}'),
    (3, 101, 900200, 'Anna 100%', '+7 (000) 555-00-03', '2024-12-31', '{}', '[10,20)', NULL),
    (4, 104, 900200, 'o_\x "q"', NULL, '2023-01-31', NULL, NULL, '{"n": null}');
SELECT setval(pg_get_serial_sequence('clients', 'id'), 100);
INSERT INTO staff VALUES (1, 'Вера', NULL), (2, 'Глеб', 1), (3, 'Дина', 1);
INSERT INTO bookings VALUES
    (1, 1, 1, 'стрижка', 1500.00), (2, 1, 2, 'укладка', 900.50), (3, 2, 1, 'окраска', 4200.00), (4, NULL, NULL, 'пусто', NULL);
INSERT INTO skills VALUES (1, 'cut'), (2, 'colour');
INSERT INTO staff_skills VALUES (1, 1), (1, 2), (2, 1);
INSERT INTO passports VALUES (1, 'A-1');
INSERT INTO notes VALUES (1, 'anon', 'seen'), (2, 'staff', 'hidden');
INSERT INTO words VALUES (1, 'The cats sat'), (2, 'A fat rat'), (3, 'Rats and a cat');
INSERT INTO codes VALUES
    (1, '+80005550001'), (2, '1.10'), (3, '0x10'), (4, 'null'), (5, '9007199254740993'), (6, '007'), (7, 'true'), (8, '1e3');
INSERT INTO "Odd Names" VALUES (1, 'x,y', 'да'), (2, 'z', 'нет');
INSERT INTO archive.visits VALUES (1, 2023), (2, 2024);
