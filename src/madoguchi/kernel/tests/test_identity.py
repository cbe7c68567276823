"""Addresses in one form, so that equal means the same."""

import pytest

from madoguchi.kernel.identity import IdentityKind, ascii_domain, canonical, is_real_phone


@pytest.mark.parametrize(
    ("kind", "written", "same"),
    [
        (IdentityKind.EMAIL, "Hanako.Sato@Example.JP", "hanako.sato@example.jp"),
        (IdentityKind.EMAIL, "  hanako@example.jp\n", "hanako@example.jp"),
        (IdentityKind.EMAIL, "ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ", "hanako@example.jp"),
        (IdentityKind.PHONE, "090-1234-5678", "+819012345678"),
        (IdentityKind.PHONE, "０９０（１２３４）５６７８", "+819012345678"),
        (IdentityKind.PHONE, "+81 90 1234 5678", "+819012345678"),
        (IdentityKind.PHONE, "0120-444-444", "+81120444444"),
        (IdentityKind.PHONE, "+1 212 555 0100", "+12125550100"),
        (IdentityKind.PHONE, "内線のみ", "内線のみ"),
        (IdentityKind.LINE, " U4af4980629 ", "U4af4980629"),
        (IdentityKind.WEB, "Visitor 7", "Visitor 7"),
        ("email", "A@B.example", "a@b.example"),
    ],
)
def test_one_form_for_each(kind: IdentityKind, written: str, same: str) -> None:
    assert canonical(kind, written) == same
    assert canonical(kind, same) == same


def test_a_domain_as_servers_take_it() -> None:
    assert ascii_domain("日本.example") == "xn--wgv71a.example"
    assert ascii_domain("Shop.example") == "Shop.example"
    with pytest.raises(UnicodeError):
        ascii_domain("あ" * 64 + ".example")


@pytest.mark.parametrize(
    ("number", "real"),
    [
        ("+81312345678", True),
        ("+81112311111", True),
        ("+14155550100", True),
        ("+811019005551212", False),
        ("+8102041234567", False),
        ("0312345678", False),
        ("+81 3 1234 5678", False),
        ("", False),
    ],
)
def test_only_a_number_that_a_country_gives_out_is_real(number: str, real: bool) -> None:
    assert is_real_phone(number) is real
