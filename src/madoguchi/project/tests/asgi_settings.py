"""The product's settings, with pages that only tests have."""

from madoguchi.project.settings import *  # noqa: F403

ROOT_URLCONF = "madoguchi.project.tests.asgi_pages"
