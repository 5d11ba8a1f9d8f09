-- The rows of the reference application that a load wrote: by their marked numbers, with the token that each holds.
SELECT 'clients ' || yclients_id, coalesce(comment, ''), id, NULL
FROM public.clients WHERE yclients_id BETWEEN %(low)s AND %(high)s
UNION ALL
SELECT 'bookings ' || yclients_record_id, coalesce(comment, ''), id, 'clients ' || client_yclients_id
FROM public.bookings WHERE yclients_record_id BETWEEN %(low)s AND %(high)s
UNION ALL
SELECT 'dialog_contexts ' || user_id, coalesce(data ->> 'token', ''), id, NULL
FROM public.dialog_contexts WHERE split_part(user_id, '@', 1) BETWEEN %(low)s::text AND %(high)s::text
