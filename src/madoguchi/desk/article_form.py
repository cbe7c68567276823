"""What can be typed in of an article. The form checks shape alone; what may be kept is for the actions to say."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madoguchi.knowledge.actions import LONGEST
from madoguchi.knowledge.models import Article


class ArticleForm(forms.Form):
    """An article: its words, whom they are for, where they stand, who looks after them."""

    title = forms.CharField(label=_("Title of the article"), max_length=150)
    body = forms.CharField(
        label=_("Text of the article"),
        strip=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text=_("Markdown: ## heading, **strong**, - item, 1. step, [words](https://…), > quotation."),
    )
    where = forms.ChoiceField(label=_("For which desks"))
    audience = forms.ChoiceField(label=_("Who reads it"), choices=Article.Audience.choices)
    language = forms.ChoiceField(label=_("Language"), choices=Article.Language.choices)
    folder = forms.CharField(
        label=_("Topic"), max_length=60, required=False, widget=forms.TextInput(attrs={"list": "folders"})
    )
    owner = forms.ChoiceField(label=_("Who looks after it"), required=False)
    review_on = forms.DateField(
        label=_("To be looked at again on"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    follows = forms.IntegerField(required=False, min_value=1, max_value=999_999, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        places: Sequence[Any],
        people: Sequence[tuple[str, str]],
        languages: Sequence[tuple[str, str]] = (),
        kind: str = Article.Kind.ARTICLE,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if kind == Article.Kind.SCRIPT:
            del self.fields["audience"]
            self.fields["body"].help_text = gettext(
                "What is said first; then “- ” and an answer of the customer, and further in what is said to that."
                " “>” begins what only you see."
            )
        if languages:
            cast(forms.ChoiceField, self.fields["language"]).choices = list(languages)
        cast(forms.ChoiceField, self.fields["where"]).choices = list(places)
        nobody = ("", gettext("Nobody looks after it"))
        cast(forms.ChoiceField, self.fields["owner"]).choices = [nobody, *people]


def begun(
    article: Article | None, *, title: str = "", body: str = "", owner: int | None = None
) -> dict[str, Any]:
    """What stands in the form at first: of a new article whoever writes looks after it."""
    if article is None:
        return {"audience": Article.Audience.BOTH, "language": Article.Language.JA, "owner": owner or ""}
    return {
        "title": title,
        "body": body,
        "where": f"desk:{article.desk_id}" if article.desk_id else f"company:{article.company_id}",
        "audience": article.audience,
        "language": article.language,
        "folder": article.folder,
        "owner": article.owner_id or "",
        "review_on": article.review_on,
        "revision": article.revision,
    }
