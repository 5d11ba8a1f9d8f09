"""Whatever text a password or a key has come into, no output tells it; and nothing else is taken away."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harness.core.document import RunDocument
from harness.render.formats import FORMATS
from harness.render.html import render_html
from harness.render.json import render_json
from harness.render.secrets import blotted, without_secrets
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
)
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.Zq7w9JxZq7w9Jx"


def output(name: str, document: RunDocument) -> str:
    """An output, with what JSON and HTML escape undone as far as a password could be read."""
    text = FORMATS[name](document)
    return json.dumps(json.loads(text), ensure_ascii=False) if name == "json" else text


@pytest.mark.parametrize("name", FORMATS)
@quick
@given(passwords, st.sampled_from(TEXTS))
@example("Zq7Jx", TEXTS[0])
def test_no_output_tells_the_password_of_an_address(name: str, password: str, text: str) -> None:
    shown = output(name, nasty(text.format(password)))
    assert "Zq7" not in shown
    assert password not in shown


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
    ],
)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert blotted(text) == text
    assert RunDocument.from_json(render_json(nasty(text))) == nasty(text)


def test_a_document_without_a_secret_is_the_same_document() -> None:
    document = told_in_full()
    assert without_secrets(document) is document


def test_the_rest_of_a_document_with_a_secret_stays() -> None:
    document = samples.planted().model_copy(update={"title": "run of postgresql://a:Zq7w9Jx@h/d"})
    clean = without_secrets(document)
    assert clean.title == "run of postgresql://a:***@h/d"
    assert clean.model_copy(update={"title": document.title}) == document
    assert without_secrets(clean) is clean


@pytest.mark.parametrize("render", [render_html, render_json])
def test_a_renderer_that_is_called_by_itself_tells_no_secret_either(render: type) -> None:
    assert "Zq7" not in str(render(nasty(TEXTS[0].format("Zq7w9Jx"))))
