"""What the builders of supabase-py can ask, and what PostgREST answers: cases for any server that claims to be one.

The modules `…_cases` hold the cases, `CASES` all of them; `schema.sql` and `rows.sql` make the database that they ask
about; `asking` asks one, through the synchronous or the asynchronous client; `exercised` tells which methods and
parameters of the client the cases use.
"""

from __future__ import annotations

from tests.client_suite import (
    call_cases,
    change_cases,
    embedding_cases,
    filter_cases,
    insert_cases,
    read_cases,
    type_cases,
)
from tests.client_suite.case import Case

CASES: tuple[Case, ...] = (
    *filter_cases.CASES,
    *read_cases.CASES,
    *embedding_cases.CASES,
    *type_cases.CASES,
    *insert_cases.CASES,
    *change_cases.CASES,
    *call_cases.CASES,
)
