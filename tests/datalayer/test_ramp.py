"""A ramp keeps every key on one backend, moves none back while it rises, and moves the share that it says."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.datalayer.switching.ramp import Ramp, caller, calls_of, share_of
from harness.errors import ConfigurationError

keys = st.one_of(st.integers(), st.text(max_size=40))
percents = st.floats(min_value=0, max_value=100, allow_nan=False)
modules = st.sampled_from(["clients", "staff", "bookings"])


@given(key=keys, lower=percents, higher=percents, module=modules)
def test_a_higher_percentage_never_moves_a_key_back(key: object, lower: float, higher: float, module: str) -> None:
    ramp = Ramp(min(lower, higher))
    before = ramp.on_target(module, key)
    ramp.set(max(lower, higher))
    assert ramp.on_target(module, key) or not before


@given(key=keys, percent=percents, other=percents, module=modules)
def test_a_key_is_where_it_was_when_the_percentage_is_what_it_was(
    key: object, percent: float, other: float, module: str
) -> None:
    ramp = Ramp(percent)
    before = ramp.on_target(module, key)
    ramp.set(other)
    ramp.set(percent)
    assert ramp.on_target(module, key) is before is Ramp(percent).on_target(module, key)


@given(key=keys, module=modules)
def test_nobody_is_on_the_target_at_0_and_everybody_at_100(key: object, module: str) -> None:
    assert not Ramp(0).on_target(module, key)
    assert Ramp(100).on_target(module, key)


@given(key=keys, percent=percents)
def test_a_key_is_on_one_backend_in_all_modules_of_one_percentage(key: object, percent: float) -> None:
    ramp = Ramp(percent)
    assert len({ramp.on_target(module, key) for module in ("clients", "staff", "bookings")}) == 1


@given(key=keys, percent=percents, own=percents)
def test_a_module_may_have_a_percentage_of_its_own(key: object, percent: float, own: float) -> None:
    ramp = Ramp(percent, {"staff": own})
    assert ramp.on_target("staff", key) is Ramp(own).on_target("staff", key)
    assert ramp.on_target("clients", key) is Ramp(percent).on_target("clients", key)


@given(number=st.integers())
def test_a_number_and_its_text_are_one_key(number: int) -> None:
    assert share_of(number) == share_of(str(number))


@pytest.mark.parametrize("percent", [0.5, 1, 10, 25, 50, 90, 99])
def test_the_share_of_keys_on_the_target_is_the_percentage(percent: float) -> None:
    """Of 20,000 keys the share lies within five standard deviations."""
    on_target = sum(Ramp(percent).on_target("clients", 900_100 + number) for number in range(20_000))
    deviation = (20_000 * percent / 100 * (1 - percent / 100)) ** 0.5
    assert abs(on_target - 20_000 * percent / 100) < 5 * deviation


def test_another_salt_takes_other_keys_first() -> None:
    first, second = Ramp(50, salt="a"), Ramp(50, salt="b")
    assert any(first.on_target("clients", key) != second.on_target("clients", key) for key in range(100))


def test_a_key_is_on_the_same_backend_in_another_process() -> None:
    code = "from harness.datalayer.switching.ramp import share_of; print(*(share_of(n) for n in range(50)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert [int(share) for share in told.split()] == [share_of(number) for number in range(50)]


def test_a_call_with_no_key_is_on_the_target_at_100_alone() -> None:
    assert not Ramp(99.99).on_target("clients", None)
    assert Ramp(100).on_target("clients", None)


@pytest.mark.parametrize("percent", [-1, 100.1, float("nan"), float("inf"), True, "50", None])
def test_what_is_no_percentage_is_refused_and_changes_nothing(percent: object) -> None:
    ramp = Ramp(30)
    with pytest.raises(ConfigurationError):
        ramp.set(percent)  # type: ignore[arg-type]
    assert ramp.percent("clients") == 30


def test_a_part_of_the_keys_needs_dual_write() -> None:
    ramp = Ramp(0, partial=False)
    with pytest.raises(ConfigurationError, match="ENABLE_DUAL_WRITE"):
        ramp.set(10)
    ramp.set(100)
    assert ramp.percent("clients") == 100


def test_a_percentage_may_rise_while_calls_are_made() -> None:
    ramp, moved_back = Ramp(0), []
    done = threading.Event()

    def watch(key: int) -> None:
        seen = False
        while not done.is_set():
            now = ramp.on_target("clients", key)
            if seen and not now:
                moved_back.append(key)
            seen = seen or now

    threads = [threading.Thread(target=watch, args=(key,)) for key in range(8)]
    for thread in threads:
        thread.start()
    for percent in range(101):
        ramp.set(percent)
    done.set()
    for thread in threads:
        thread.join(5)
    assert moved_back == []


def test_the_key_of_a_caller_holds_within_its_block_and_its_thread() -> None:
    seen: list[object] = []
    with calls_of(900_100):
        thread = threading.Thread(target=lambda: seen.append(caller()))
        thread.start()
        thread.join(5)
        seen.append(caller())
        with calls_of("80005550001"):
            seen.append(caller())
    assert [*seen, caller()] == [None, 900_100, "80005550001", None]
