"""Which piece was sold: its lot and its serial number. `models` has this too."""

from django.conf import settings
from django.db import models

from madoguchi.infra.scope import ScopedModel


class Piece(ScopedModel):
    """A piece of a line of an order, by its `serial` number, or that (all of) it is of a `lot`; both as they are
    compared (`pieces.piece_number`).
    """

    line = models.ForeignKey(
        "commerce.OrderLine", on_delete=models.CASCADE, related_name="sold", db_index=False
    )
    lot = models.CharField(max_length=40, blank=True)
    serial = models.CharField(max_length=60, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["line", "serial"], name="piece_once_by_serial", condition=~models.Q(serial="")
            )
        ]
        indexes = [
            models.Index(fields=["line", "id"], name="piece_of_line"),
            models.Index(fields=["company", "lot"], name="piece_by_lot", condition=~models.Q(lot="")),
            models.Index(
                fields=["company", "serial"], name="piece_by_serial", condition=~models.Q(serial="")
            ),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.lot, self.serial)))
