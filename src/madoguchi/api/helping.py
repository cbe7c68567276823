"""What works together, and what goes wrong and helps, as programs read it; and what came of a remedy in a case."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from madoguchi.api.guards import Key, Limit, Positive, ProgramRequest, first_of, makes, needs
from madoguchi.cases.actions import note_look
from madoguchi.cases.models import Case
from madoguchi.cases.queries import case_by_number
from madoguchi.commerce.diagnosing import Step, keep_result, remedies_by_symptom, remedy_in_use, tried_in
from madoguchi.commerce.fits import model_key
from madoguchi.commerce.models import Fit, Symptom
from madoguchi.companies.queries import desks_of
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.people.access import StaffRequest

router = Router()


class FitOut(Schema):
    """Whether two things work together, and where that stands."""

    id: int
    company: str = Field(description="The company's short name")
    product: str = Field(description="The code of a product")
    other: str = Field(description="The code of another product; empty for a model from outside")
    outside: str = Field(description="A model from outside; empty for another product")
    verdict: str = Field(examples=["works", "conditions", "fails"])
    conditions: str
    source: str = Field(examples=["https://maker.example/fit"])
    sourced_on: date
    at: datetime = Field(description="When it was said last")


class FitsOut(Schema):
    """A page of what works together; `next` goes into `after`."""

    items: list[FitOut]
    next: int | None


class RemedyOut(Schema):
    """A cause and what to do then, how often that was tried, and how often it helped."""

    id: int
    cause: str
    words: str
    tried: int
    helped: int


class SymptomOut(Schema):
    """Something that goes wrong, with its remedies, the likeliest to help first."""

    id: int
    company: str
    product: str = Field(description="The code of a product; empty: of any of the company's")
    name: str
    remedies: list[RemedyOut]


class SymptomsOut(Schema):
    """A page of symptoms; `next` goes into `after`."""

    items: list[SymptomOut]
    next: int | None


class TrialOut(Schema):
    """What came of a remedy in a case."""

    symptom: int
    remedy: int
    name: str = Field(description="The symptom")
    cause: str
    words: str
    result: str = Field(examples=["helped", "failed", "untried"])
    at: datetime


class TrialIn(Schema):
    """A remedy of a symptom that is in use, and what came of it."""

    model_config = ConfigDict(extra="forbid")

    remedy: int = Field(ge=1, le=2**63 - 1)
    result: Literal["helped", "failed", "untried"]


class TrialMade(Schema):
    """What was kept."""

    case: str
    remedy: int
    result: str


@router.get("/fits", response=FitsOut, summary="What works together")
@needs(Permission.CASE_READ)
def fits(
    request: StaffRequest, product: str = "", outside: str = "", after: Positive = 0, limit: Limit = 50
) -> dict[str, Any]:
    """All pairs, those of a product by its code or that of a variant, or those with a model from outside."""
    rows = Fit.objects.filter(company__in=_companies(request.actor), pk__gt=after)
    if product:
        rows = rows.filter(_of_product("product", product) | _of_product("other", product)).distinct()
    if outside:
        rows = (
            rows.filter(other=None, folded__contains=model_key(outside))
            if model_key(outside)
            else rows.none()
        )
    found, following = first_of(rows.select_related("company", "product", "other"), limit)
    return {"items": [_fit(one) for one in found], "next": following}


@router.get("/symptoms", response=SymptomsOut, summary="What goes wrong, and what helps")
@needs(Permission.CASE_READ)
def symptoms(
    request: StaffRequest, words: str = "", product: str = "", after: Positive = 0, limit: Limit = 50
) -> dict[str, Any]:
    """The symptoms in use, with these words or of a product, and how often each remedy helped so far."""
    rows = Symptom.objects.filter(company__in=_companies(request.actor), active=True, pk__gt=after)
    for word in words.split()[:8]:
        rows = rows.filter(name__icontains=word)
    if product:
        rows = rows.filter(_of_product("product", product)).distinct()
    return _symptoms(rows.select_related("company", "product"), limit)


@router.get("/cases/{number}/diagnosis", response=list[TrialOut], summary="What was tried in a case")
@needs(Permission.CASE_READ)
def diagnosis_of_case(request: StaffRequest, number: str) -> list[dict[str, Any]]:
    """Each remedy of which it was said in the case what came of it, in the order in which that was said."""
    found = case_by_number(number, actor=request.actor)
    note_look(found, by=request.actor)
    return _tried(found)


@router.post("/cases/{number}/diagnosis", response={201: TrialMade}, summary="Say what came of a remedy")
@needs(Permission.CASE_NOTE)
@makes("cases/{case}/diagnosis")
def new_result(
    request: ProgramRequest, response: HttpResponse, number: str, wanted: TrialIn, key: Key
) -> dict[str, Any]:
    """Keep whether it helped; said again it takes the place of what was said."""
    found, by = case_by_number(number, actor=request.actor), request.actor
    remedy = remedy_in_use(wanted.remedy, company=found.company_id)
    keep_result(remedy, wanted.result, case=found.pk, desk=found.desk_id, by=by)
    return {"case": found.spoken_number(found.company.prefix), "remedy": remedy.pk, "result": wanted.result}


def _companies(actor: Actor) -> set[int]:
    """Those for which the actor reads cases somewhere: what is sold is of the company, and not of a desk."""
    return {desk.company_id for desk in desks_of(actor)}


def _of_product(field: str, code: str) -> Q:
    return Q(**{f"{field}__code": code}) | Q(**{f"{field}__variants__code": code})


def _fit(row: Fit) -> dict[str, Any]:
    same = ("outside", "verdict", "conditions", "source", "sourced_on", "at")
    return {
        "id": row.pk,
        "company": row.company.slug,
        "product": row.product.code,
        "other": row.other.code if row.other else "",
        **{name: getattr(row, name) for name in same},
    }


def _symptoms(rows: QuerySet[Symptom], limit: int) -> dict[str, Any]:
    """Two queries, however many."""
    found, following = first_of(rows, limit)
    remedies = remedies_by_symptom([one.pk for one in found])
    return {"items": [_symptom(one, remedies[one.pk]) for one in found], "next": following}


def _symptom(row: Symptom, steps: Sequence[Step]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "company": row.company.slug,
        "product": row.product.code if row.product else "",
        "name": row.name,
        "remedies": [
            {
                "id": step.remedy.pk,
                "cause": step.remedy.cause,
                "words": step.remedy.words,
                "tried": step.tried,
                "helped": step.helped,
            }
            for step in steps
        ],
    }


def _tried(case: Case) -> list[dict[str, Any]]:
    return [
        {
            "symptom": one.remedy.symptom_id,
            "remedy": one.remedy_id,
            "name": one.remedy.symptom.name,
            "cause": one.remedy.cause,
            "words": one.remedy.words,
            "result": one.result,
            "at": one.at,
        }
        for one in tried_in(case.pk)
    ]
