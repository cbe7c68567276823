"""Where the customer's pages are."""

from django.urls import path

from madoguchi.portal import pages

app_name = "portal"
urlpatterns = [
    path("form/<str:address>/", pages.contact_form, name="form"),
    path("form/<str:address>/sent/<str:sending>/", pages.sent, name="sent"),
    path("article/<str:signed>/", pages.article, name="article"),
    path("my/<str:signed>/", pages.case, name="case"),
    path("my/<str:signed>/files/<int:attachment>/", pages.file, name="file"),
]
