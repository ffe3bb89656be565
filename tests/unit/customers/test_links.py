import pytest

from cti.customers.links import problems


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example/?q={number}&n={name}&c={customer_id}&i={interaction_id}",
        "http://10.0.0.1:8000/{extra.member_id}",
    ],
)
def test_a_link_may_have_our_placeholders_behind_its_host(url: str) -> None:
    assert list(problems(url, {"member_id"})) == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("javascript:alert({name})", "begins with http"),
        ("ftp://files.example/{number}", "begins with http"),
        ("//crm.example/", "begins with http"),
        ("https://{name}.example/", "host of"),
        ("https://user{name}@crm.example/", "host of"),
        ("https:///path", "host of"),
        ("https://crm.example/{phone}", "unknown placeholder {phone}; there are: {number}"),
        ("https://crm.example/{extra.nope}", "unknown placeholder {extra.nope}"),
        ("https://crm.example/{number", "without its other half"),
        ("https://[crm/", "is no address"),
    ],
)
def test_anything_else_is_refused_in_one_sentence(url: str, words: str) -> None:
    found = list(problems(url, {"member_id"}))
    assert len(found) == 1
    assert words in found[0]
