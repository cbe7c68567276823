"""Forgetting what rules did long ago."""

from django.conf import settings
from django.db.models import F

from madoguchi.infra.forgetting import days_ago, forget
from madoguchi.rules.models import RuleRun


def forget_runs() -> int:
    """Drop runs older than `MADOGUCHI_RUN_DAYS`; returns how many. What they changed stays in the log.

    A run by which a rule on time knows that it has dealt with a case, in which nothing was said since, is kept: without
    it the rule would act again.
    """
    old = days_ago(settings.RUN_DAYS)
    return forget(lambda: RuleRun.objects.filter(at__lt=old).exclude(moment=F("case__touched_at")))
