"""JSONPath of jwt-role-claim-key (docs: "Authentication", section "JWT Role Extraction"; RFC 9535)."""

from __future__ import annotations

import pytest

from harness.errors import ConfigurationError
from harness.gateway.access.role_path import RolePath

CLAIMS = {
    "role": "master",
    "salon": {"roles": ["guest", "master", "owner"], "a b": {"key": "odd"}},
    "https://salon.example/role": {"key": "owner"},
    "staff": [{"name": "Vera", "age": 30, "role": "master"}, {"name": "Gleb", "age": 41, "role": "owner"}],
    "nothing": None,
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.role", "master"),
        ("$['role']", "master"),
        ('$["role"]', "master"),
        ("$.salon.roles[1]", "master"),
        ("$.salon.roles[-1]", "owner"),
        ("$.salon['a b'].key", "odd"),
        ("$['https://salon.example/role'].key", "owner"),
        ("$.salon.roles[?(@ == 'owner')]", "owner"),
        ("$.salon.roles[?@ != 'guest']", "master"),
        ("$.salon.roles[?search(@, '^ow')]", "owner"),
        ("$.salon.roles[?search(@, 'st.r$')]", "master"),
        ("$.salon.roles[1:]", "master"),
        ("$.salon.roles[::-1]", "owner"),
        ("$.salon.roles[7, 2]", "owner"),
        ("$.salon.*[0]", "guest"),
        ("$..key", "odd"),
        ("$.staff[?@.name == 'Gleb'].role", "owner"),
        ("$.staff[?@.age >= 31 && @.role].role", "owner"),
        ("$.staff[?@.age < 31 || @.name == 'x'].role", "master"),
        ("$.staff[?!(@.name == 'Vera')].role", "owner"),
        ("$.staff[?@.role == $.role].name", "Vera"),
        ("$.staff[?@.none == @.neither].name", "Vera"),
        ("$ .salon ['roles'] [ 0 ]", "guest"),
        (r"$['sal\u006fn'].roles[0]", "guest"),
        ("$.nothing", None),
        ("$", CLAIMS),
    ],
)
def test_a_path_finds(path: str, found: object) -> None:
    assert RolePath(path).first(CLAIMS) == (found,)


@pytest.mark.parametrize(
    "path",
    [
        "$.rolle",
        "$.salon.roles[3]",
        "$.salon.roles[-4]",
        "$.salon.roles[0:0]",
        "$.salon.roles[::0]",
        "$.role[0]",
        "$.salon[0]",
        "$.salon.roles.guest",
        "$.salon.roles[?@ == 1]",
        "$.staff[?search(@, 'Vera')]",
        "$.staff[?@.age == '30']",
        "$.staff[?@.age > '30']",
        "$.salon.roles[?search(@, '[')]",
    ],
)
def test_a_path_finds_nothing(path: str) -> None:
    assert RolePath(path).first(CLAIMS) is None


@pytest.mark.parametrize(
    "path",
    [
        "",
        "role",
        ".role",
        "1234",
        "$.",
        "$.role##",
        "$.my-role",
        "$.my_role;;domain",
        "$.role[",
        "$.role[]",
        "$.role[01]",
        "$.role['x]",
        r"$['\x']",
        "$.role[?(@ =)]",
        "$.role[?]",
        "$.role[?'x']",
        "$.role[?length(@) == 1]",
        "$.role[?search(@)]",
        "$.a b",
    ],
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ConfigurationError):
        RolePath(path)
