"""Connected shops, made for tests."""

from madoguchi.companies.models import Desk
from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.storefronts.actions.connecting import connect
from madoguchi.storefronts.actions.taking import Item, hand_in
from madoguchi.storefronts.models import Handed, Storefront


def make_storefront(desk: Desk) -> tuple[Storefront, Handed]:
    """A shop of one's own that a company has connected, and one thing that it told wrong."""
    with scope.acting_for([desk.company_id]):
        shop = connect(desk, kind="own", name="本店", by=system("factories"))
    return shop, hand_in(shop, [Item("one", "wish", {"id": "1"})])[0]
