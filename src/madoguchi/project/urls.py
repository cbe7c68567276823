"""Where every address leads. The console is the front door."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from madoguchi.look import pages as look_pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("allauth.account.urls")),
    path("account/mfa/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("administration/", include("madoguchi.administration.urls")),
    path("", include("madoguchi.portal.urls")),
    path("", include("madoguchi.desk.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("look/", look_pages.guide))
