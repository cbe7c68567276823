"""Toasts on the next page and on an htmx answer."""

import json

from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from madoguchi.look import toasts


def request_with_messages():
    request = RequestFactory().get("/")
    request._messages = CookieStorage(request)
    return request


def test_what_was_said_stands_on_the_next_page_with_its_undo():
    request = request_with_messages()
    toasts.say(request, text="返信を送信しました。", undo_url="/cases/7/undo/", seconds=10)
    with translation.override("ja"):
        page = render_to_string("look/toasts.html", {"messages": get_messages(request), "csrf_token": "t"})
    toast = page.split("<template")[0]
    assert "<p>返信を送信しました。</p>" in toast
    assert '<form method="post" action="/cases/7/undo/">' in toast
    assert 'value="t"' in toast
    assert 'data-seconds="10"' in toast
    assert ">取り消す<" in toast


def test_without_undo_there_is_no_form():
    request = request_with_messages()
    toasts.say(request, text="<b>保存</b>しました。")
    page = render_to_string("look/toasts.html", {"messages": get_messages(request)}).split("<template")[0]
    assert "<form" not in page
    assert "&lt;b&gt;保存" in page


def test_an_htmx_answer_carries_the_toast_as_an_event():
    response = toasts.announce(HttpResponse(), text="保留にしました。", undo_url="/u/", seconds=5)
    assert json.loads(response["HX-Trigger"]) == {
        "toast": {"text": "保留にしました。", "undo": "/u/", "seconds": 5, "bad": False}
    }
