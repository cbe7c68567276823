"""Where every address leads. The console is the front door."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from madoguchi.kernel.actor import Permission
from madoguchi.look import pages as look_pages
from madoguchi.people.access import public, requires

choose_language = public("a language is chosen before signing in, too")(set_language)
# By their address people are invited and known in the log: it is not for themselves to change.
own_address = requires(Permission.SELF)(RedirectView.as_view(pattern_name="usersessions_list"))
outbox = requires(Permission.SELF)(RedirectView.as_view(pattern_name="administration:outbox"))
urlpatterns: list[URLPattern | URLResolver] = [
    path("account/email/", own_address),
    path("account/", include("allauth.account.urls")),
    path("account/mfa/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path("i18n/setlang/", choose_language, name="set_language"),
    path("administration/", include("madoguchi.administration.urls")),
    path("outbox/", outbox),
    path("", include("madoguchi.api.urls")),
    path("", include("madoguchi.portal.urls")),
    path("", include("madoguchi.desk.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("look/", look_pages.guide))
