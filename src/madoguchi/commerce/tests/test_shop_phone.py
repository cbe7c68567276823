"""The phone number that stands on a company's papers."""

import pytest

from madoguchi.commerce.actions import set_up_shop
from madoguchi.commerce.models import Shop
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World

SHELL = system("test")


def test_a_phone_number_is_kept_in_one_form_and_what_is_none_is_refused(world: World, db: None) -> None:
    company = world.ours.company
    with world.ours.scope():
        for written, kept in (
            ("０７５（２２１）１２３４", "075-221-1234"),
            ("+81 3-1234-5678", "03-1234-5678"),
            ("0120444444", "0120-444-444"),
            ("", ""),
        ):
            set_up_shop(company, phone=written, by=SHELL)
            assert Shop.objects.get().phone == kept
        with pytest.raises(Refused) as caught:
            set_up_shop(company, phone="内線 12", address="京都市", by=SHELL)
        assert (caught.value.field, Shop.objects.get().address) == ("phone", "")
