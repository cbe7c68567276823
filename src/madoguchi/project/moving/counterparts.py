"""What something of a connected shop is here, by its kind: of which model the id is that stands beside it."""

from typing import Final

COUNTERPARTS: Final = {
    "customer": "customers.Customer",
    "order": "commerce.Order",
    "product": "commerce.Product",
    "refund": "commerce.Return",
    "shipment": "commerce.Parcel",
    **dict.fromkeys(("item", "stock", "variant"), "commerce.Variant"),
}
