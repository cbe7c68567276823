"""Where the values of desks' own fields are looked up."""

from django.db import models

from madoguchi.infra.scope import ScopedModel

# A long text is told from others by so many characters; the case itself decides.
INDEXED = 200


class FilledValue(ScopedModel):
    """One value of a case, as `Case.filled` has it: an index, which the database itself keeps with every change of that
    column. `words` are compared (`kernel.text.alike`) and cut; `number` is a number, or another customer's id.

    Comparisons of these columns give nothing away, so PostgreSQL reads its indexes under row-level security, too.
    """

    pk = models.CompositePrimaryKey("case", "field")
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+", db_index=False)
    field = models.ForeignKey(
        "fields.Field", on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    words = models.CharField(max_length=INDEXED, null=True, db_collation="C")
    number = models.FloatField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["field", "words", "case"], name="value_by_words", include=["company"]),
            models.Index(fields=["field", "number", "case"], name="value_by_number", include=["company"]),
        ]
