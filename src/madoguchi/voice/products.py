"""Which product a number is for: said by who sets up its desk, carried by each call to its case."""

from contextlib import suppress

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.actions import fill
from madoguchi.cases.models import Case
from madoguchi.cases.queries import asked_of
from madoguchi.commerce.models import Product
from madoguchi.commerce.queries import product_called
from madoguchi.companies.models import EntryPoint
from madoguchi.fields.models import Field
from madoguchi.fields.references import called
from madoguchi.fields.values import asked
from madoguchi.infra.event_log import record
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import one_line
from madoguchi.voice.events import NumberProductChanged
from madoguchi.voice.models import Call, NumberProduct
from madoguchi.voice.phones import PHONE
from madoguchi.voice.policies import may_set_flow


def product_of(point: EntryPoint) -> Product | None:
    """The product that callers of a number are likely to call about. One query."""
    found = NumberProduct.objects.filter(entry_point=point).select_related("product").first()
    return found.product if found else None


@transaction.atomic
def set_product(point: EntryPoint, written: str, *, by: Actor) -> None:
    """Say which product a number is for, by its code or name; nothing written: for none. Calls of before keep theirs.

    Raises NotAllowed, or Refused for an entry point that is no number, and for a product that is none on sale, or may
    be several.
    """
    if not may_set_flow(by, point):
        raise NotAllowed(Permission.DESKS)
    if point.kind != Channel.PHONE:
        raise Refused(_("This entry point is no phone number."))
    EntryPoint.objects.select_for_update().get(pk=point.pk)
    before = product_of(point)
    after = _named(one_line(written, most=100), before, company=point.company_id)
    if after == before:
        return
    if after is None:
        NumberProduct.objects.filter(entry_point=point).delete()
    else:
        values = {"company_id": point.company_id, "product": after}
        NumberProduct.objects.update_or_create(entry_point=point, defaults=values)
    fact = NumberProductChanged(
        company=point.company_id,
        desk=point.desk_id,
        entry_point=point.pk,
        product=after.pk if after else None,
        before=before.code if before else "",
        after=after.code if after else "",
    )
    record(fact, by=by)


def carry_product(call: Call, case: Case) -> None:
    """Write the product of a call's number down in its case: where the desk asks for one product, and nobody has said
    which. Within the transaction that ties them.
    """
    if call.product is None or case.continued_in_id is not None:
        return
    fields = [one for one in asked(asked_of(case).form, case.filled) if one.kind == Field.Kind.PRODUCT]
    if len(fields) == 1 and fields[0].key not in case.filled:
        with suppress(Refused):  # a call is tied to its case whatever becomes of this
            fill(case, field=fields[0].pk, written=called(call.product), by=PHONE)


def _named(written: str, before: Product | None, *, company: int) -> Product | None:
    if not written:
        return None
    if before and written in (before.code, called(before)):
        return before
    found = product_called(written, company=company)
    if found is None:
        raise Refused(_("Write the product by its code, or more of its name."), field="product")
    return found
