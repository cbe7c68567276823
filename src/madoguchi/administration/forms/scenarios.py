"""The form of a choice in a bot's scenario."""

from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import offer
from madoguchi.bot.scenarios import articles_to_choose, forms_of
from madoguchi.bot.tree import LONGEST_LABEL, LONGEST_WORDS, Kind, Node
from madoguchi.companies.models import Desk
from madoguchi.knowledge.trees import ROOT

# Nobody looks through more in a list; the newest titles of a larger company are found by typing in it.
MOST_TO_CHOOSE = 1_000


class ChoiceForm(forms.Form):
    """What customers choose, and what it leads to. `node` is the one that is changed, None for a new one."""

    label = forms.CharField(
        label=_("Words that customers choose"),
        max_length=LONGEST_LABEL,
        help_text=_("Short, as customers say it. LINE shows 20 letters on a button."),
    )
    kind = forms.ChoiceField(label=_("What it leads to"), choices=Kind.choices)
    article = forms.TypedChoiceField(
        label=pgettext_lazy("scenario", "Article"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Its version in force is told. While none is, customers are not shown this choice."),
    )
    form = forms.TypedChoiceField(
        label=pgettext_lazy("scenario", "Form"), required=False, coerce=int, empty_value=None
    )
    words = forms.CharField(
        label=_("Question, or words beside the form"),
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, desk: Desk, node: Node | None = None) -> None:
        super().__init__(data, initial=_initial(node))
        rows = articles_to_choose(desk).values_list("article_id", "title")[:MOST_TO_CHOOSE]
        offer(self.fields["article"], [("", gettext("None")), *rows])
        points = [(point.pk, f"{point.address} ({point.desk.name})") for point in forms_of(desk)]
        offer(self.fields["form"], [("", gettext("None")), *points])
        self._node = node
        if node is not None and node.id == ROOT:
            for name in ("label", "kind", "article", "form"):
                del self.fields[name]

    def node(self, *, parent: int) -> Node:
        """The node that was written, below this question where it is new."""
        said = {"label": "", "kind": Kind.MENU, "article": None, "form": None, **self.cleaned_data}
        said["kind"] = Kind(said["kind"])
        return Node(id=self._node.id if self._node else 0, parent=parent, **said)


def _initial(node: Node | None) -> dict[str, Any]:
    if node is None:
        return {"kind": Kind.ANSWER}
    return {name: getattr(node, name) for name in ("label", "kind", "article", "form", "words")}
