"""The style guide: every component in all its states on one page, for review while building."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone


class GuideForm(forms.Form):
    """One field of each kind. Bound with too little, it shows every kind of error."""

    name = forms.CharField(label="お名前", help_text="公的な書類と同じ表記でご入力ください。")
    email = forms.EmailField(label="メールアドレス")
    desk = forms.ChoiceField(label="窓口", choices=[("a", "ご購入後相談"), ("b", "修理・初期不良")])
    reply_by = forms.ChoiceField(
        label="ご連絡の方法", choices=[("mail", "メール"), ("phone", "電話")], widget=forms.RadioSelect
    )
    due = forms.DateField(label="ご希望日", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    body = forms.CharField(label="お問い合わせ内容", widget=forms.Textarea)
    agree = forms.BooleanField(label="個人情報の取り扱いに同意します")


def guide(request: HttpRequest) -> HttpResponse:
    """Render the guide; mount it only where DEBUG is on, it says nothing to a user."""
    return render(request, "look/guide.html", guide_context())


def guide_context() -> dict[str, object]:
    """Samples of everything the guide shows."""
    now = timezone.now()
    moments = [now, now - timedelta(days=1), now - timedelta(days=40), now - timedelta(days=400)]
    return {
        "form": GuideForm(),
        "broken_form": GuideForm({"name": "", "email": "misaki@"}),
        "moments": moments,
        "dues": [now + timedelta(minutes=minutes) for minutes in (-75, 12, 48, 170, 4500)],
        "page": Paginator(range(99_999), 50).page(3),
        "names": ["髙橋 美咲", "株式会社みなと設計 斎藤", "Taro Yamada", "070-••••-2231", "林", ""],
        "hues": range(12),
        "bars": [{"step": n, "at": n * 40.0, "length": 40.0} for n in range(4)],
    }
