"""Where the customer's pages are."""

from django.urls import path

from madoguchi.portal import (
    article_files,
    calls,
    conduct,
    help,
    line,
    line_linking,
    own_data,
    pages,
    shops,
    slips,
)
from madoguchi.portal.chat import pages as chat

app_name = "portal"
urlpatterns = [
    path("form/<str:address>/", pages.contact_form, name="form"),
    path("form/<str:address>/sent/<str:sending>/", pages.sent, name="sent"),
    path("article/<str:signed>/", pages.article, name="article"),
    path("article/<str:signed>/files/<str:name>", article_files.of_article, name="article_file"),
    path("chat/<str:address>/", chat.sample, name="chat_sample"),
    path("chat/<str:address>/about/", chat.about, name="chat_about"),
    path("chat/<str:address>/said/", chat.said, name="chat_said"),
    path("chat/<str:address>/talk/", chat.talk, name="chat_talk"),
    path("chat/<str:address>/earlier/", chat.earlier, name="chat_earlier"),
    path("chat/<str:address>/typing/", chat.typing, name="chat_typing"),
    path("chat/<str:address>/judged/", chat.judged, name="chat_judged"),
    path("chat/<str:address>/carried/", chat.carried, name="chat_carried"),
    path("chat/<str:address>/mine/<str:signed>/", chat.mine, name="chat_mine"),
    path("chat/<str:address>/file/", chat.file, name="chat_file"),
    path("chat/<str:address>/file/<str:signed>/", chat.file_content, name="chat_file_content"),
    path("file/<str:signed>/", line.sent_file, name="sent_file"),
    path("file/<str:signed>/preview/", line.sent_preview, name="sent_preview"),
    path("line-link/<str:signed>/", line_linking.linking, name="line_linking"),
    path("shop/<str:key>/", shops.shop_door, name="shop_door"),
    path("line/<str:address>/", line.webhook, name="line_webhook"),
    path("calls/<str:number>/", calls.call, name="call"),
    path("calls/<str:number>/sounds/<str:name>.wav", calls.call_sound, name="call_sound"),
    path("calls/<str:number>/<str:uid>/<str:what>/<int:count>/", calls.call_goes_on, name="call_goes_on"),
    path("my/<str:signed>/", pages.case, name="case"),
    path("my/<str:signed>/files/<int:attachment>/", pages.file, name="file"),
    path("my/<str:signed>/objection/<int:mark>/", conduct.objection, name="objection"),
    path("conduct/<slug:company>/", conduct.conduct, name="conduct"),
    path("conduct/<slug:company>/<int:version>/", conduct.conduct, name="conduct_version"),
    path("slip/<str:signed>/", slips.slip, name="slip"),
    path("slip/<str:signed>/files/<int:file>/", slips.slip_file, name="slip_file"),
    path("own-data/<str:signed>/", own_data.own_data, name="own_data"),
    path("own-data/<str:signed>/file/", own_data.own_data_file, name="own_data_file"),
    path("help/<slug:company>/", help.centre, name="help"),
    path("help/<slug:company>/sitemap.xml", help.sitemap, name="help_sitemap"),
    path("help/<slug:company>/logo/<str:digest>", help.logo, name="help_logo"),
    path("help/<slug:company>/<int:pk>/", help.article, name="help_article"),
    path("help/<slug:company>/<int:pk>/files/<str:name>", article_files.of_help_article, name="help_file"),
    path("help/<slug:company>/<int:pk>/judged/", help.judged, name="help_judged"),
]
