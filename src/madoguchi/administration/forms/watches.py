"""The form of what a company watches for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import RowForm
from madoguchi.signals.models import Watch


class WatchForm(RowForm):
    """Grave words, a sort and its words a line; and a number."""

    class Meta:
        model = Watch
        fields = ("words", "alike", "per_mille")
        widgets = {"words": forms.Textarea(attrs={"rows": 12})}
        help_texts = {
            "words": _(
                "A sort, a colon, and words between commas: 負傷: けが、火傷、injured. Width, case and kana compare"
                " equal. A message that holds one makes its case urgent and tells the supervisors. Of 負傷, 火災,"
                " 死亡, 中毒, 後遺障害 and 重傷, reporting within ten days (消安法35条) becomes a task of the case."
                " The gravest words (death, carbon monoxide, lasting harm, fire) count whatever stands here."
            ),
            "alike": _("Of the same product, with a tag in common, or in nearly the same words."),
            "per_mille": _(
                "A product, or a lot of it, with so many reports in 30 days raises the suspicion that it has to be"
                " called back, against the pieces of it that were sold within a year. Of a lot of which nobody knows"
                " how many were sold, as many reports are enough as raise themselves."
            ),
        }
