"""A file of environment variables is changed in the places that are meant, and nowhere else."""

from __future__ import annotations

import pytest

from harness.core.cutover.variables import variables, with_variables

TEXT = """# the salon
export USE_LEGACY_SUPABASE=true
TARGET_IS_PRIMARY = "false"   # not yet
SUPABASE_KEY='with a # and = in it'

EMPTY=
no assignment
"""


def test_values_are_read_as_a_shell_has_them() -> None:
    assert variables(TEXT) == {
        "USE_LEGACY_SUPABASE": "true",
        "TARGET_IS_PRIMARY": "false",
        "SUPABASE_KEY": "with a # and = in it",
        "EMPTY": "",
    }


def test_a_value_is_changed_in_its_place_and_every_other_line_stays() -> None:
    changed = with_variables(TEXT, {"TARGET_IS_PRIMARY": "true", "NEW": "two words"})
    assert changed.splitlines()[2] == "TARGET_IS_PRIMARY=true"
    assert changed.splitlines()[-1] == "NEW='two words'"
    others = [each for each in changed.splitlines() if not each.startswith(("TARGET_IS_PRIMARY", "NEW"))]
    assert others == [each for each in TEXT.splitlines() if not each.startswith("TARGET_IS_PRIMARY")]


def test_a_variable_that_was_not_set_is_taken_out_again() -> None:
    before = {"NEW": variables(TEXT).get("NEW")}
    assert with_variables(with_variables(TEXT, {"NEW": "1"}), before) == TEXT


@pytest.mark.parametrize("value", ["a\nb", "'\"", "\r"])
def test_a_value_that_no_such_file_can_hold_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="value"):
        with_variables(TEXT, {"NEW": value})


@pytest.mark.parametrize("value", ["", "true", "it's", 'say "yes"', "a b", "#", "$HOME", "postgresql://u@h/d?x=1&y=2"])
def test_a_value_comes_back_as_it_was_given(value: str) -> None:
    assert variables(with_variables(TEXT, {"NEW": value}))["NEW"] == value
