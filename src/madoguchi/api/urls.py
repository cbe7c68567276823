"""The one address of the API. What lies behind it is imported when the first program asks."""

from django.urls import URLPattern, URLResolver, re_path

from madoguchi.api.door import door

urlpatterns: list[URLPattern | URLResolver] = [re_path("^api/v1/", door)]
