"""The product's settings, with the jobs and the reaction that a worker under test does."""

from madoguchi.project.settings import *  # noqa: F403

PROCRASTINATE_IMPORT_PATHS = ["madoguchi.infra.tests.chores"]
