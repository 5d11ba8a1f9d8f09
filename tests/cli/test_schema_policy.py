"""Leaving a platform: what it manages is left out and counted, and what needs it is listed."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Pgparity
from tests.cli.test_bad_input import refused
from tests.cli.test_schema_sides import files

PLATFORM = """
CREATE ROLE anon; CREATE ROLE authenticated;
CREATE SCHEMA auth;
CREATE TABLE auth.users (id uuid PRIMARY KEY);
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT NULL::uuid';
CREATE SCHEMA storage;
CREATE TABLE storage.objects (id uuid PRIMARY KEY, owner uuid);
"""
OWN = """
CREATE TABLE profiles (id uuid PRIMARY KEY, name text);
CREATE TABLE notes (id int PRIMARY KEY, owner uuid);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
"""
NEEDING = """
ALTER TABLE profiles ADD FOREIGN KEY (id) REFERENCES auth.users;
ALTER TABLE notes ALTER owner SET DEFAULT auth.uid();
CREATE POLICY own ON notes TO authenticated USING (owner = auth.uid());
CREATE POLICY files ON storage.objects USING (owner = auth.uid());
CREATE FUNCTION made() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM auth.uid(); RETURN new; END';
CREATE TRIGGER made AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION made();
GRANT SELECT ON notes TO anon;
CREATE PUBLICATION supabase_realtime FOR TABLE notes;
"""


def test_the_platforms_own_is_left_out_and_what_needs_it_is_listed(here: Pgparity, tmp_path: Path) -> None:
    for name, texts in (("old", {"a": PLATFORM, "b": OWN, "c": NEEDING}), ("new", {"a": OWN})):
        here("schema", "snapshot", "--database", files(tmp_path / name, **texts), "--output", f"{name}.json")
    pair = ("--source", "old.json", "--target", "new.json", "--policy", "supabase")
    done = here("schema", "diff", *pair, "--format", "json")
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert {
        each["identity"] for each in found["changes"] if each["kind"] in ("schema", "table", "publication")
    } == set()
    assert found["filtered"]["policy supabase: schema auth is managed by Supabase"] > 0
    listed = {(each["code"], each["identity"], each["needs"]) for each in found["dependencies"]}
    assert listed >= {
        ("PLT001", "public.notes.own", "function auth.uid"),
        ("PLT001", "public.notes.owner", "function auth.uid"),
        ("PLT001", "public.made()", "function auth.uid"),
        ("PLT002", "public.profiles.profiles_id_fkey", "table auth.users"),
        ("PLT003", "storage.objects.files", "table storage.objects"),
        ("PLT003", "auth.users.made", "table auth.users"),
        ("PLT004", "public.notes", "publication supabase_realtime"),
        ("PLT005", "public.notes", "role anon"),
        ("PLT005", "public.notes.own", "role authenticated"),
    }
    text = here("schema", "diff", *pair).stdout
    assert "Needed from the platform" in text
    assert "PLT001 function auth.uid: the target has it not" in text
    assert "- replace it in" in text


def test_a_policy_can_be_printed_changed_and_given(here: Pgparity, tmp_path: Path) -> None:
    printed = here("schema", "policy", "supabase")
    assert printed.returncode == 0
    (tmp_path / "mine.toml").write_text(printed.stdout.replace("[schemas]", '[schemas]\naudit = "mine"'))
    for name, text in (("old", "CREATE SCHEMA audit;"), ("new", "SELECT 1;")):
        here("schema", "snapshot", "--database", files(tmp_path / name, a=text), "--output", f"{name}.json")
    pair = ("--source", "old.json", "--target", "new.json")
    assert here("schema", "diff", *pair).returncode == 1
    done = here("schema", "diff", *pair, "--policy", "mine.toml")
    assert done.returncode == 0, done.stdout
    assert "1 change: policy supabase: schema audit is managed by Supabase" in done.stdout
    (tmp_path / "pgparity.toml").write_text('[schema]\npolicy = "mine.toml"\n[scope]\nschemas = ["audit"]\n')
    assert here("schema", "diff", *pair).returncode == 0


def test_a_wrong_policy_is_one_line(here: Pgparity, tmp_path: Path) -> None:
    pair = ("--source", files(tmp_path / "old", a="SELECT 1;"), "--target", files(tmp_path / "new", a="SELECT 1;"))
    refused(here("schema", "policy", "neon"), "there is no policy neon", "supabase")
    refused(here("schema", "diff", *pair, "--policy", "gone.toml"), "gone.toml cannot be read")
    (tmp_path / "bad.toml").write_text('name = "a"\nabout = "b"\nroles = 1\n')
    refused(here("schema", "diff", *pair, "--policy", "bad.toml"), "bad.toml: roles")
