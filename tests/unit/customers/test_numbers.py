import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, format_number, is_valid_number, parse

from cti.customers.numbers import canonical, is_public, pretty

MOBILE = st.from_regex(r"\+861[35-9][0-9]{9}", fullmatch=True).filter(lambda n: is_valid_number(parse(n)))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("139 0000 0001", "+8613900000001"),
        ("+86 139-0000-0001", "+8613900000001"),
        ("008613900000001", "+8613900000001"),
        ("8613900000001", "+8613900000001"),
        ("1390000\u200b0001", "+8613900000001"),
        ("１３９００００００１１", "+8613900000011"),
        ("sip:13900000001@203.0.113.9;user=phone", "+8613900000001"),
        ("tel:+86-10-6234-5678", "+861062345678"),
        ("010-62345678", "+861062345678"),
        ("(0755) 1234 5678", "+8675512345678"),
        ("400 800 1234", "+864008001234"),
        ("+44 20 7946 0018", "+442079460018"),
        ("+1000000000", "+1000000000"),  # no such number, and above all not 1000000000 of Beijing
        (":139 0000 0001", "+8613900000001"),
        ("1001", "1001"),
        ("95588", "95588"),
        ("110", "110"),
        ("anonymous", ""),
        ("Anonymous@anonymous.invalid", ""),
        ("Restricted", ""),
        ("", ""),
        ("  ", ""),
        ("alice", "alice"),
        ("<img src=x>", "imgsrc=x".replace("=", "")),
    ],
)
def test_numbers_of_every_kind_get_one_form(raw: str, expected: str) -> None:
    assert canonical(raw) == expected


def test_the_region_decides_whose_national_number_it_is() -> None:
    assert canonical("020 7946 0018", "GB") == "+442079460018"
    assert canonical("(212) 555-0123", "US") == "+12125550123"


@given(MOBILE, st.sampled_from([0, 1, 2, 3]), st.sampled_from(["", " ", "-", "."]))
def test_every_way_of_writing_a_number_is_the_same_number(number: str, style: int, gap: str) -> None:
    """E.164, international, national and RFC 3966 writings, with any separator."""
    written = format_number(parse(number, None), style)
    assert canonical(written.replace(" ", gap).replace("-", gap)) == number


@given(st.text(max_size=80))
def test_canonical_is_idempotent_and_clean_for_any_text(raw: str) -> None:
    once = canonical(raw)
    assert canonical(once) == once
    assert len(once) <= 64
    assert all(c.isascii() and (c.isalnum() or c in "+_*#") for c in once)


@given(st.from_regex(r"\+?[0-9 ()-]{0,20}", fullmatch=True), st.sampled_from(["CN", "GB", "US", "HK"]))
def test_canonical_is_idempotent_for_digits_of_any_region(raw: str, region: str) -> None:
    once = canonical(raw, region)
    assert canonical(once, region) == once


@given(MOBILE)
def test_pretty_can_be_read_back(number: str) -> None:
    assert canonical(pretty(number)) == number
    assert is_public(number)


def test_pretty_is_national_at_home_and_international_abroad() -> None:
    assert pretty("+8613900000001") == "139 0000 0001"
    assert pretty("+8613900000001", "GB") == format_number(parse("+8613900000001"), PhoneNumberFormat.INTERNATIONAL)
    assert pretty("1001") == "1001"
    assert pretty("") == ""
    assert not is_public("1001")
    assert not is_public("+86")
