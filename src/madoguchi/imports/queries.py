"""Uploads and what became of them."""

from django.db.models import Q, QuerySet

from madoguchi.companies.models import Company, Desk
from madoguchi.companies.queries import companies_with, desks_of
from madoguchi.imports import policies
from madoguchi.imports.models import Upload, UploadLine
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound


def desks_to_import_to(actor: Actor) -> list[Desk]:
    """The desks through which the actor may bring something in. One query."""
    return desks_of(actor, permission=Permission.IMPORTS)


def companies_to_bring_articles_to(actor: Actor) -> list[Company]:
    """The companies whose articles the actor may bring in. One query."""
    found = companies_with(actor, Permission.IMPORTS).order_by("name", "pk")
    return [one for one in found if policies.may_import_articles(actor, company=one.pk)]


def uploads_of(actor: Actor) -> QuerySet[Upload]:
    """The uploads that the actor looks after, the latest first."""
    desks = [desk.pk for desk in desks_to_import_to(actor)]
    read = [desk.pk for desk in desks_of(actor) if desk.pk in desks]
    whole = [one.pk for one in companies_to_bring_articles_to(actor)]
    mine = Q(desk__in=read) | Q(desk__in=desks, owner_id=actor.id) | Q(desk=None, company__in=whole)
    found = Upload.objects.filter(mine)
    return found.select_related("desk", "owner", "company").order_by("-id")


def upload_of(pk: int, *, actor: Actor) -> Upload:
    """An upload that the actor looks after. Raises NotFound."""
    found = Upload.objects.select_related("desk", "owner", "company").filter(pk=pk).first()
    if found is None or not policies.may_look_after(actor, found):
        raise NotFound(pk)
    return found


def lines_of(upload: Upload) -> QuerySet[UploadLine]:
    """What a person should know of its records, in their order."""
    return upload.lines.order_by("id")
