"""Whatever text a password or a key has come into, no output tells it; and nothing else is taken away."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harness.core.change import Change
from harness.core.document import RunDocument
from harness.core.findings import Evidence, Fix
from harness.core.plan import Plan, Precheck, Step
from harness.core.record import Consequence
from harness.render.event_stream import EventStream
from harness.render.formats import FORMATS
from harness.render.html import render_html
from harness.render.json import render_json
from harness.render.secrets import NOT_WHOLE, blotted, blotted_data, blotted_document
from tests.report import samples
from tests.report.nasty import nasty
from tests.report.story import told_in_full

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Of letters that no text of a report or of our own is made of by chance, and what passwords have besides.
passwords = st.builds(
    "Zq7{}w9{}Jx".format,
    st.text(alphabet=string.ascii_letters + string.digits + "!#$%^*+=~._-:@/", max_size=8),
    st.text(alphabet=string.ascii_letters + string.digits + '!#$%^*+=~._-:@/<\\"', max_size=8),
)
TEXTS = (
    "could not connect to postgresql://pgparity:{}@db.example:5432/postgres",
    "postgres://:{}@[::1]/x and more words",
    "HTTPS://reader:{}@proj.example/rest/v1/clients?select=id",
    "first line\npostgres://pgparity:123/{}@db.example/x",
    "a\tpassword='{}' dbname=postgres",
)
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.Zq7w9JxZq7w9Jx"


def output(name: str, document: RunDocument) -> str:
    """An output, with what JSON and HTML escape undone as far as a password could be read."""
    text = FORMATS[name](document)
    if name != "json":
        return text
    # The anchors are hashes, which hold any two letters some day.
    data = json.loads(text)
    for finding in data["findings"]:
        finding.pop("anchor", None)
    return json.dumps(data, ensure_ascii=False)


@pytest.mark.parametrize("name", FORMATS)
@quick
@given(passwords, st.sampled_from(TEXTS))
@example("Zq7Jx", TEXTS[0])
def test_no_output_tells_the_password_of_an_address(name: str, password: str, text: str) -> None:
    shown = output(name, nasty(text.format(password)))
    assert not any(part in shown for part in ("Zq7", "w9", "Jx"))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "text",
    [
        "host=db.example user=app password=Zq7w9Jx dbname=postgres",
        "host=db.example password='Zq7 w9\\'Jx' dbname=postgres",
        "CREATE SUBSCRIPTION s CONNECTION 'host=h PASSWORD=Zq7w9Jx' PUBLICATION p",
        "postgresql://db.example/postgres?sslpassword=Zq7w9Jx&user=app",
        f"apikey: {TOKEN}",
        f"Authorization: Bearer {TOKEN} was refused",
        "the key sb_secret_Zq7w9Jx_Zq7w9 was refused",
        "a\npassword=Zq7w9Jx",
        "x\tpassword=Zq7w9Jx",
        f"\n{TOKEN}",
        f'{{"headers": "a\\n{TOKEN}"}}',
        "\tsb_secret_Zq7w9Jx_Zq7w9",
        "PGPASSWORD=Zq7w9Jx psql",
        "password = 'Zq7w9Jx'",
        'password="Zq7 w9Jx"',
        "CREATE ROLE x LOGIN PASSWORD 'Zq7''w9Jx'",
        "CREATE USER MAPPING FOR x SERVER s OPTIONS (user 'x', password 'Zq7w9Jx')",
        "CREATE SUBSCRIPTION s CONNECTION 'host=h password=''Zq7 w9Jx'' dbname=x' PUBLICATION p",
        "postgres://u:123/Zq7w9Jx@h/db",
        "password=$2b$10$Zq7w9Jx",
        "host = h password = Zq7w9Jx user = u",
        "password = Zq7w9Jx host = h",
        "host=h password=:Zq7w9Jx",
        "new.secret := 'x'; NEW.password := 'Zq7w9Jx';",
        "password='Zq7w9Jx",
        "password=Zq7,w9;Jx",
        "ALTER ROLE x PASSWORD $$Zq7 w9Jx$$",
        "ALTER ROLE x PASSWORD $$;Zq7w9Jx$$",
        "CREATE USER MAPPING FOR x SERVER s OPTIONS (user 'x', password $x$Zq7 $$ 'w9Jx$x$)",
        "password := $ä_1$Zq7\nw9Jx$ä_1$;",
        "ALTER ROLE x PASSWORD $$Zq7w9Jx",
    ],
)
def test_no_output_tells_a_key_or_the_password_of_a_conninfo(name: str, text: str) -> None:
    assert "Zq7" not in output(name, nasty(text))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM users WHERE (password = crypt($1, password))",
        "UPDATE users SET password=$1, hint=:hint, sslpassword=%s WHERE password=%(old)s AND password=:old",
        "http://127.0.0.1:54321/rest/v1/clients?email=eq.a@b.example",
        "postgresql://pgparity@db.example:5432/postgres",
        "eyJust a word, sb_secret_ and sb_public",
        "password",
        "if new.password=crypt(new.password, gen_salt('bf')) then",
        "if new.password = extensions.crypt(old.password, 'x') and new.password=old.password then",
        "SELECT id FROM users WHERE password = '' OR password = p_password OR password IS NULL",
        '{"url":"http://localhost:3000","email":"bob@example.com"}',
        "SELECT net.http_post('http://functions:8000', 'bob@example.com')",
        "see http://localhost:3000, and ask bob@example.com; or http://localhost:3000/#a@b",
        "http://[::1]:54321/rest/v1/clients?email=eq.a@b",
        "postgresql://db.example:5432/postgres?options=a@b and postgres://h1:5432,h2:5432/db",
        "alter table users add column password text",
        "AS $$SELECT password $$ LANGUAGE sql; CREATE FUNCTION g() AS $$SELECT password$$; SELECT $$a$$",
        "UPDATE users SET password = $1 || $2, salt = $3",
    ],
)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert blotted(text) == text
    assert RunDocument.from_json(render_json(nasty(text))) == nasty(text)


def test_a_document_without_a_secret_is_the_same_document() -> None:
    document = told_in_full()
    assert blotted_document(document) is document


def test_the_rest_of_a_document_with_a_secret_stays() -> None:
    document = samples.planted().model_copy(update={"title": "run of postgresql://a:Zq7w9Jx@h/d"})
    clean = blotted_document(document)
    assert clean.title == "run of postgresql://a:***@h/d"
    assert clean.model_copy(update={"title": document.title}) == document
    assert blotted_document(clean) is clean


@pytest.mark.parametrize("render", [render_html, render_json])
def test_a_renderer_that_is_called_by_itself_tells_no_secret_either(render: type) -> None:
    assert "Zq7" not in str(render(nasty(TEXTS[0].format("Zq7w9Jx"))))


@given(passwords, st.sampled_from((*TEXTS, "password = '{}'", f"{{}} {TOKEN}")))
def test_what_was_blotted_once_stays_as_it_is(password: str, text: str) -> None:
    once = blotted(text.format(password))
    assert blotted(once) == once


WEBHOOK = f"CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$SELECT post('Bearer {TOKEN}')$$;"


def with_statement(sql: str) -> RunDocument:
    """A document with this statement where a report offers statements: a plan's, a check's, a fix's, a query."""
    step = Step(
        sql=sql, why="as on the source", kind="routine", identity="f()", prechecks=(Precheck(text="t", sql=sql),)
    )
    plan = Plan(strategy="exact", source_fingerprint="a", target_fingerprint="b", steps=(step,))
    document = samples.planted()
    fix = Fix(text="Replace it.", sql=sql, safe=True)
    finding = document.findings[0].model_copy(update={"fix": fix, "query": sql})
    return document.model_copy(update={"findings": (finding,), "plans": (plan,)})


def test_a_statement_of_which_something_was_taken_says_so_and_is_not_offered_for_copying() -> None:
    document = with_statement(WEBHOOK)
    clean = blotted_document(document)
    step, finding = clean.plans[0].steps[0], clean.findings[0]
    assert finding.fix is not None
    told = f"{NOT_WHOLE}\n{WEBHOOK.replace(TOKEN, 'eyJ***')}"
    assert [step.sql, step.prechecks[0].sql, finding.fix.sql, finding.query] == [told] * 4
    assert not finding.fix.safe
    html = render_html(document)
    assert 'class="sql"' not in html
    assert html.count('<pre class="not-whole"') == 3
    assert "safe: it loses nothing" not in html
    assert "pgparity schema align" in html
    assert blotted_document(clean) is clean


def test_a_statement_of_which_nothing_was_taken_is_the_statement() -> None:
    document = with_statement("UPDATE users SET password = crypt($1, gen_salt('bf'));")
    assert blotted_document(document) is document
    assert 'class="sql"' in render_html(document)


def test_two_sides_that_differ_in_a_secret_alone_do_not_look_the_same() -> None:
    seen = Evidence(label="definition", source=f"Bearer {TOKEN}", target=f"Bearer {TOKEN}x")
    change = Change(
        kind="routine", identity="f()", attribute="definition", change="altered", consequence=Consequence.WRONG_RESULTS,
        source={"body": "password='Zq7'"}, target={"body": "password='Zq8'"},
    )  # fmt: skip
    document = samples.planted()
    finding = document.findings[0].model_copy(update={"evidence": (seen,)})
    clean = blotted_document(document.model_copy(update={"findings": (finding,), "changes": (change,)}))
    assert clean.findings[0].evidence[0].source == "Bearer eyJ***"
    assert clean.findings[0].evidence[0].target == "Bearer eyJ***(other)"
    assert (clean.changes[0].source, clean.changes[0].target) == (
        {"body": "password=***"},
        {"body": "password=***(other)"},
    )
    assert blotted_document(clean) is clean


def test_arguments_that_are_named_like_a_statement_get_no_line_of_our_own() -> None:
    assert blotted_data({"query": "password='x'", "sql": "a"}) == {"query": "password=***", "sql": "a"}


def test_a_line_of_a_running_migration_tells_no_password() -> None:
    lines: list[str] = []
    EventStream(lines.append).stage_finished("migrate", "failed", 1, "postgres://u:Zq7w9Jx@h/db refused")
    assert "postgres://u:***@h/db refused" in lines[0]
