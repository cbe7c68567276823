"""The addresses that the look's own pages point to."""

from django.urls import include, path

from madoguchi.look.pages import guide

urlpatterns = [
    path("guide/", guide),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("allauth.urls")),
]
