"""What can happen to a list that is taken along: who takes what of a company's data is for it to know."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class ListExported(Fact):
    """Somebody has a list of cases written into a file: what it was `called`, and the columns. Words that were searched
    for are not said, for they are customers' data themselves.
    """

    kind: ClassVar[str] = "list.exported"
    export: int
    called: str
    columns: list[str]


@fact
class ListTaken(Fact):
    """The file of a list was taken along, with so many cases, customers, orders or parcels in it: of an archive of
    articles none of them.
    """

    kind: ClassVar[str] = "list.taken"
    export: int
    cases: int
    customers: int = 0
    orders: int = 0
    parcels: int = 0


@fact
class ListExportCancelled(Fact):
    """A list that was being written was stopped; there is no file of it."""

    kind: ClassVar[str] = "list.export_cancelled"
    export: int
