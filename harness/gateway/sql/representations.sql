-- Implicit casts through a function between a domain and json or text: source, target, function.
SELECT k.castsource::regtype::text, k.casttarget::regtype::text, k.castfunc::regproc::text
FROM pg_cast AS k
JOIN pg_type AS s ON s.oid = k.castsource
JOIN pg_type AS t ON t.oid = k.casttarget
WHERE k.castcontext = 'i'
    AND k.castmethod = 'f'
    AND has_function_privilege(k.castfunc, 'EXECUTE')
    AND (
        (s.typtype = 'd' AND k.casttarget IN ('json'::regtype, 'text'::regtype))
        OR (t.typtype = 'd' AND k.castsource IN ('json'::regtype, 'text'::regtype))
    )
