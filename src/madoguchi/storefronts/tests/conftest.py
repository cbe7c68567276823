"""A shop of each kind, connected to our company."""

import pytest

from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.storefronts.actions.connecting import connect
from madoguchi.storefronts.tests.shops import SHOPIFY_DOMAIN, SHOPIFY_SECRET, TELLERS, Teller


@pytest.fixture(params=["own", "shopify"])
def teller(request: pytest.FixtureRequest, world: World) -> Teller:
    """Each of the two in turn."""
    return connected(world, request.param)


@pytest.fixture
def shopify(world: World) -> Teller:
    """Shopify alone, for what only it says."""
    return connected(world, "shopify")


@pytest.fixture
def own(world: World) -> Teller:
    """A shop of one's own, for what only that says."""
    return connected(world, "own")


def connected(world: World, kind: str) -> Teller:
    """A shop of this kind, and who speaks for it."""
    with world.ours.scope():
        said = {"kind": kind, "name": "本店", "secret": SHOPIFY_SECRET, "domain": SHOPIFY_DOMAIN}
        shop = connect(world.ours.desk, **said, by=system("test"))
    return TELLERS[kind](shop)
