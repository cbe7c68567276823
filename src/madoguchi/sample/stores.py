"""The stores of the sample world, set up by the same actions that people use."""

from madoguchi.companies.models import Company
from madoguchi.kernel.actor import system
from madoguchi.reservations.models import Resource
from madoguchi.reservations.stores import SaidOfResource, SaidOfStore, keep_resource, keep_store
from madoguchi.sample.shelves import written

SEED = system("madoguchi seed")
HOURS = {"week": {"every_day": ["10:00-19:00"]}, "closed": ["12-31/01-02"]}
THINGS = (
    SaidOfResource(name="商品のご相談", units=3, seats=4, length=45, step=30, gap=15),
    SaidOfResource(name="訪問修理", kind=Resource.Kind.VISIT, units=2, length=120, step=60, gap=60),
)


def open_stores(companies: dict[str, Company]) -> None:
    """Give each company that sells a store, with what can be reserved there."""
    for key, said in written().items():
        store = SaidOfStore(name="本店", hours=HOURS, phone=said["phone"], address=said["address"])
        made = keep_store(companies[key], store, by=SEED)
        for thing in THINGS:
            keep_resource(made, thing, by=SEED)
