"""The kinds of documents, by all names under which they are asked for."""

from enum import StrEnum

from django.utils.translation import gettext as _

from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import fold


class Kind(StrEnum):
    """What a document is."""

    INVOICE = "invoice"
    RECEIPT = "receipt"
    DELIVERY_NOTE = "delivery-note"
    RETURN_SLIP = "return-slip"
    WRITTEN_TERMS = "written-terms"


# The first of each is what stands on the paper: documents are for people in Japan, whatever language staff read.
NAMES: dict[Kind, tuple[str, ...]] = {
    Kind.INVOICE: ("請求書", "適格請求書", "インボイス"),
    Kind.RECEIPT: ("領収書", "領収証"),
    Kind.DELIVERY_NOTE: ("納品書",),
    Kind.RETURN_SLIP: ("返品伝票", "返還インボイス", "適格返還請求書"),
    Kind.WRITTEN_TERMS: ("契約書面", "特定商取引法の書面"),
}


def kind_named(name: str) -> Kind:
    """The kind that is meant by an English or Japanese name. Raises Refused."""
    wanted = fold(name.strip()).replace("_", "-").replace(" ", "-")
    for kind, names in NAMES.items():
        if wanted == kind.value or wanted in (fold(one) for one in names):
            return kind
    known = "、".join(f"{kind.value} ({names[0]})" for kind, names in NAMES.items())
    raise Refused(
        _("There is no document “%(name)s”. Known: %(known)s.") % {"name": name, "known": known},
        field="kind",
    )
