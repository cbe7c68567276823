"""Signed links: only those made here, for this case of this company, open anything."""

import pytest

from madoguchi.kernel.errors import NotFound
from madoguchi.portal.links import open_link, sign


def test_a_link_opens_what_it_was_made_for():
    assert open_link(sign(42, 7)) == (7, 42, 1)
    assert open_link(sign(42, 7, 3)) == (7, 42, 3)


@pytest.mark.parametrize("made_up", ["", "7-42", "7-42.", "7-42.AAAA", "x.y.z", "７-42.AAAA", "7-42.\u3042"])
def test_a_link_not_made_here_opens_nothing(made_up):
    with pytest.raises(NotFound):
        open_link(made_up)


def test_a_signature_does_not_serve_another_case_or_company():
    signature = sign(42, 7).partition(".")[2]

    for forged in (f"7-43.{signature}", f"8-42.{signature}", f"42-7.{signature}"):
        with pytest.raises(NotFound):
            open_link(forged)


def test_a_change_of_the_secret_key_ends_every_link(settings):
    link = sign(42, 7)
    settings.SECRET_KEY = "another"

    with pytest.raises(NotFound):
        open_link(link)


def test_nothing_in_a_link_is_lost_in_mails():
    assert all(c.isalnum() or c in "-_." for c in sign(42, 7))
