"""What a few records became so far, within their transaction."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from madoguchi.customers.actions import Known, take_over_customer
from madoguchi.imports.actions.target import IMPORT, Target
from madoguchi.imports.models import Origin
from madoguchi.imports.origins import Key, key_of_person
from madoguchi.imports.records import Person
from madoguchi.kernel import clock


@dataclass(slots=True)
class Work:
    """What of them came before (`origins`), what is `new`, and which cases and customers are to be found by it."""

    target: Target
    origins: dict[Key, Origin]
    new: list[Origin] = field(default_factory=list)
    cases: set[int] = field(default_factory=set)
    customers: set[int] = field(default_factory=set)

    def remember(self, key: Key, **became: object) -> None:
        """Write down what something became, at the end of the transaction."""
        kind, external_id = key
        place = {"company_id": self.target.company, "source": self.target.source, "at": clock.now()}
        row = Origin(**place, kind=kind, external_id=external_id, **became)
        self.new.append(row)
        self.origins[key] = row

    def forget(self, since: int) -> None:
        """Take back what came of a record that failed."""
        for row in self.new[since:]:
            del self.origins[row.kind, row.external_id]
        del self.new[since:]

    def left(self, key: Key, case: int, version: int, *, number: str) -> None:
        """Write down which case a ticket became, and how the import left it."""
        row = self.origins.get(key)
        if row is None:
            self.remember(key, case_id=case, version=version, number=number)
        else:
            row.version = version
        if row is not None and row.pk:
            row.save(update_fields=["version"])

    def customer(self, person: Person, at: datetime | None) -> tuple[int, bool]:
        """Who somebody is here, and whether they are new."""
        key = key_of_person(person)
        known = self.origins.get(key)
        if known is not None and known.customer_id:
            return known.customer_id, False
        knows = Known(person.emails, person.phones, person.name, person.kana, person.address, person.memo)
        knows = replace(knows, members=person.members, former_names=person.former_names)
        with clock.held_at(person.at or at or clock.now()):
            customer, is_new = take_over_customer(self.target.company, knows, by=IMPORT)
        self.remember(key, customer_id=customer)
        self.customers.add(customer)
        return customer, is_new
