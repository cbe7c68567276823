"""The routes of version 1. Each names the permission it needs; a test finds the rest."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from ninja import Header, NinjaAPI
from ninja.errors import HttpError, ValidationError
from pydantic import AwareDatetime

import madoguchi
from madoguchi.api import order_schemas, queries, schemas
from madoguchi.api.articles import ArticleOut, ArticlesOut
from madoguchi.api.articles import article as article_shown
from madoguchi.api.articles import articles as articles_in
from madoguchi.api.belongings import router as belonging_routes
from madoguchi.api.changing import (
    answer_case,
    change_case,
    enter_customer,
    mark_of,
    mark_of_customer,
    set_customer,
)
from madoguchi.api.description import described
from madoguchi.api.guards import PREFIX as PREFIX
from madoguchi.api.guards import Key, Limit, Positive, ProgramRequest, makes, needs
from madoguchi.api.helping import router as helping_routes
from madoguchi.api.opening import open_case
from madoguchi.api.orders import new_order, new_parcel, order_shown, orders_in, told_step
from madoguchi.api.problems import misread, problem
from madoguchi.api.raised import (
    ComplaintOut,
    EscalationOut,
    SignalOut,
    SlipOut,
    complaints_in,
    escalations_in,
    signals_in,
    slips_in,
)
from madoguchi.api.reserved import reservations_in
from madoguchi.api.solicited import router as solicited_routes
from madoguchi.api.stopping import router as stopping_routes
from madoguchi.api.subscriptions import router as subscription_routes
from madoguchi.api.tasks import apply, mark_of_task, new_task, plans_in, set_task, shown, tasks_in
from madoguchi.cases.actions import add_note, note_look, note_look_at_customer
from madoguchi.cases.blotted import blotter_of
from madoguchi.cases.lists import View
from madoguchi.cases.queries import case_by_number
from madoguchi.customers.models import Customer
from madoguchi.customers.places import places_shown
from madoguchi.customers.queries import CustomerView, customer_by_id, view_of
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import MadoguchiError, Refused
from madoguchi.people.access import StaffRequest
from madoguchi.tasks.queries import task_by_id
from madoguchi.views.orders import NEWEST

IfMatch = Annotated[str, Header(alias="If-Match")]
api = NinjaAPI(
    title="Madoguchi",
    version=madoguchi.__version__,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api-v1",
    openapi_extra={
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
    },
)


@api.exception_handler(MadoguchiError)
def tell_at_the_door(request: HttpRequest, error: MadoguchiError) -> HttpResponse:
    """Errors go on to the door, past the transaction, which they undo."""
    raise error


@api.exception_handler(ValidationError)
def name_the_fields(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What cannot be read has changed nothing yet."""
    return misread(error.errors)


@api.exception_handler(HttpError)
def explain(request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body that is no JSON at all; it is the only one of these that ninja tells of by itself."""
    unread = _("The body is not JSON in UTF-8. Send it so, as the description of the address says.")
    return problem(Refused(unread if error.status_code == 400 else str(error)), status=error.status_code)


@api.get("/openapi.json", include_in_schema=False)
@needs(Permission.SELF)
def description(request: StaffRequest) -> dict[str, Any]:
    """The description of all routes, in OpenAPI 3.1."""
    return described(api, prefix=PREFIX)


@api.get("/me", response=schemas.Me, summary="Whom the token acts for")
@needs(Permission.SELF)
def me(request: StaffRequest) -> dict[str, Any]:
    """The name of the person, the permissions that the token carries anywhere, the companies it opens."""
    return queries.me(request.actor)


@api.get("/desks", response=list[schemas.DeskOut], summary="The desks")
@needs(Permission.CASE_READ)
def desks(request: StaffRequest) -> list[dict[str, Any]]:
    """Every desk at which the token reads cases."""
    return queries.desks(request.actor)


@api.get("/articles", response=ArticlesOut, summary="Articles in force")
@needs(Permission.ARTICLES_READ)
def articles(
    request: StaffRequest,
    words: str = "",
    desk: Positive | None = None,
    after: Positive = 0,
    limit: Limit = 50,
) -> dict[str, Any]:
    """What answers may rest on now: of all desks or one, with all these words in it."""
    return articles_in(request.actor, words=words, desk=desk, after=after, limit=limit)


@api.get("/articles/{id}", response=ArticleOut, summary="One article")
@needs(Permission.ARTICLES_READ)
def one_article(request: StaffRequest, id: int) -> dict[str, Any]:
    """The words of the version that is in force."""
    return article_shown(request.actor, id)


@api.get("/cases", response=schemas.CasesOut, summary="Cases by view and desk")
@needs(Permission.CASE_READ)
def cases(
    request: StaffRequest,
    view: View = View.ALL,
    desk: int | None = None,
    order: str = NEWEST,
    cursor: str = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """A page of cases, the one touched last first. `view` is one of the console's lists, `order` what comes first:
    newest, waiting (longest), priority (highest) or due (soonest); up:ID or down:ID is by a desk's own field.

    In another order than newest a page may be incomplete, even empty, while `next` leads on.
    """
    return queries.cases(request.actor, view=view, desk=desk, order=order, cursor=cursor, limit=limit)


@api.get("/cases/{number}", response=schemas.WholeCaseOut, summary="One case")
@needs(Permission.CASE_READ)
def case(
    request: StaffRequest, response: HttpResponse, number: str, before: AwareDatetime | None = None
) -> dict[str, Any]:
    """The case of this number with what was said last."""
    found = case_by_number(number, actor=request.actor)
    note_look(found, by=request.actor)
    response.headers["ETag"] = mark_of(found)
    return queries.whole_case(found, actor=request.actor, before=before)


@api.post("/cases", response={201: schemas.CaseMade}, summary="Open a case")
@needs(Permission.CASE_OPEN)
@makes("cases/{number}")
def new_case(
    request: ProgramRequest, response: HttpResponse, wanted: schemas.NewCaseIn, key: Key
) -> dict[str, Any]:
    """Hand in what a customer wants, as if they had sent the desk's form: it is acknowledged to them like one."""
    opened = open_case(wanted, source=f"API: {request.token.name}", by=request.actor)
    return {"number": opened.spoken_number(opened.company.prefix)}


@api.patch("/cases/{number}", response=schemas.WholeCaseOut, summary="Change a case")
@needs(Permission.CASE_UPDATE)
def changed_case(
    request: StaffRequest,
    response: HttpResponse,
    number: str,
    wanted: schemas.CaseIn,
    if_match: IfMatch = "",
) -> dict[str, Any]:
    """Set status, priority, severity, tags and own fields, all or nothing. With If-Match if the case is still so."""
    found = case_by_number(number, actor=request.actor)
    change_case(found, wanted=wanted, if_match=if_match, by=request.actor)
    note_look(found, by=request.actor)
    response.headers["ETag"] = mark_of(found)
    return queries.whole_case(found, actor=request.actor, before=None)


@api.post("/cases/{number}/notes", response={201: schemas.NoteMade}, summary="Write a note")
@needs(Permission.CASE_NOTE)
@makes("cases/{number}")
def new_note(
    request: ProgramRequest, response: HttpResponse, number: str, wanted: schemas.NoteIn, key: Key
) -> dict[str, Any]:
    """Add what only staff see. People and desks named with @ are told; a desk with many people is asked about first."""
    found, confirmed = case_by_number(number, actor=request.actor), frozenset(wanted.confirmed)
    return {"id": add_note(found, text=wanted.text, confirmed=confirmed, by=request.actor).pk}


@api.post("/cases/{number}/replies", response={201: schemas.ReplyMade}, summary="Answer the customer")
@needs(Permission.CASE_REPLY)
@makes("cases/{number}")
def new_reply(
    request: ProgramRequest,
    response: HttpResponse,
    number: str,
    wanted: schemas.ReplyIn,
    key: Key,
    if_match: IfMatch = "",
) -> dict[str, Any]:
    """Answer as a person at the desk does: now, later (`at`), or by way of a senior where the desk wants that."""
    found = case_by_number(number, actor=request.actor)
    return answer_case(found, wanted, if_match=if_match, by=request.actor)


@api.get("/cases/{number}/contacts", response=schemas.ContactsOut, summary="The contacts of a case")
@needs(Permission.CASE_READ)
def contacts(request: StaffRequest, number: str, after: Positive = 0, limit: Limit = 50) -> dict[str, Any]:
    """Each touch on a channel, mails and calls and forms, in order, with the messages of each."""
    found = case_by_number(number, actor=request.actor)
    note_look(found, by=request.actor)
    return queries.contacts_of(found, after=after, limit=limit)


@api.get("/cases/{number}/tasks", response=list[schemas.TaskOut], summary="What is to be done in a case")
@needs(Permission.CASE_READ)
def tasks(request: StaffRequest, number: str) -> list[dict[str, Any]]:
    """The tasks of a case in their order, done ones too."""
    found = case_by_number(number, actor=request.actor)
    note_look(found, by=request.actor)
    return tasks_in(found, actor=request.actor)


@api.post("/cases/{number}/tasks", response={201: schemas.TaskMade}, summary="Set a task")
@needs(Permission.CASE_UPDATE)
@makes("tasks/{id}")
def new_task_of_case(
    request: ProgramRequest, response: HttpResponse, number: str, wanted: schemas.NewTaskIn, key: Key
) -> dict[str, Any]:
    """Set something to be done in a case, after what is there. Whose it is, is told."""
    return {"id": new_task(case_by_number(number, actor=request.actor), wanted, by=request.actor).pk}


@api.get(
    "/cases/{number}/escalations",
    response=list[EscalationOut],
    summary="What was asked of whoever knows more",
)
@needs(Permission.CASE_READ)
def escalations(request: StaffRequest, number: str) -> list[dict[str, Any]]:
    """The questions of a case with their answers, the newest first."""
    found = case_by_number(number, actor=request.actor)
    note_look(found, by=request.actor)
    return escalations_in(found, actor=request.actor)


@api.get("/cases/{number}/slips", response=list[SlipOut], summary="Message slips of a case")
@needs(Permission.CASE_READ)
def slips(request: StaffRequest, number: str) -> list[dict[str, Any]]:
    """The message slips of a case for people outside, the newest first."""
    found = case_by_number(number, actor=request.actor)
    note_look(found, by=request.actor)
    return slips_in(found, actor=request.actor)


@api.get("/cases/{number}/signals", response=list[SignalOut], summary="What seemed strange in a case")
@needs(Permission.CASE_READ)
def signals(request: StaffRequest, number: str) -> list[dict[str, Any]]:
    """The signals of a case, the newest first."""
    found = case_by_number(number, actor=request.actor)
    note_look(found, by=request.actor)
    return signals_in(found, actor=request.actor)


@api.get("/cases/{number}/complaints", response=list[ComplaintOut], summary="Complaints of a case")
@needs(Permission.CASE_READ)
def complaints(request: StaffRequest, number: str) -> list[dict[str, Any]]:
    """The complaints of a case, the newest first."""
    found = case_by_number(number, actor=request.actor)
    note_look(found, by=request.actor)
    return complaints_in(found, actor=request.actor)


@api.get("/cases/{number}/plans", response=list[schemas.PlanOut], summary="Plans for a case")
@needs(Permission.CASE_READ)
def plans(request: StaffRequest, number: str) -> list[dict[str, Any]]:
    """The plans of its desk, and those of all desks of its company, which can be applied to the case."""
    return plans_in(case_by_number(number, actor=request.actor))


@api.post("/cases/{number}/plans", response={201: schemas.PlanMade}, summary="Apply a plan")
@needs(Permission.CASE_UPDATE)
@makes("cases/{number}/tasks")
def applied_plan(
    request: ProgramRequest, response: HttpResponse, number: str, wanted: schemas.PlanIn, key: Key
) -> dict[str, Any]:
    """Let the steps of a plan become tasks of the case, due as the hours of its desk say."""
    return apply(case_by_number(number, actor=request.actor), wanted.plan, by=request.actor)


@api.get("/tasks/{id}", response=schemas.TaskOut, summary="One task")
@needs(Permission.CASE_READ)
def one_task(request: StaffRequest, response: HttpResponse, id: int) -> dict[str, Any]:
    """The task, with the case where it is worked on."""
    return _shown_task(response, id, request)


@api.patch("/tasks/{id}", response=schemas.TaskOut, summary="Change a task")
@needs(Permission.CASE_UPDATE)
def changed_task(
    request: StaffRequest,
    response: HttpResponse,
    id: int,
    wanted: schemas.TaskIn,
    if_match: IfMatch = "",
) -> dict[str, Any]:
    """Set what is given, all of it or nothing; `done` says that it is done, or that it is not after all."""
    set_task(task_by_id(id, actor=request.actor), wanted, if_match=if_match, by=request.actor)
    return _shown_task(response, id, request)


@api.get("/cases/{number}/customer", response=schemas.CustomerOut, summary="The customer of a case")
@needs(Permission.CUSTOMER_READ)
def customer(request: StaffRequest, response: HttpResponse, number: str) -> Any:
    """The customer through the data scope of the person whom the token acts for."""
    case = case_by_number(number, actor=request.actor)
    note_look(case, by=request.actor)
    found = queries.customer_of(case, actor=request.actor)
    return _shown(response, found, request)


@api.get("/customers", response=list[schemas.CustomerOut], summary="Customers by an address")
@needs(Permission.CUSTOMER_READ)
def customers(request: StaffRequest, email: str = "", phone: str = "", member: str = "") -> Any:
    """The customers whom a mail address, a phone number or a member number names, one of each company at most."""
    found = queries.customers_by(email=email, phone=phone, member=member, actor=request.actor)
    for customer in found:
        note_look_at_customer(customer.id, by=request.actor)
    return found


@api.post("/customers", response={201: schemas.CustomerMade}, summary="Enter a customer")
@needs(Permission.CUSTOMER_EDIT)
@makes("customers/{id}")
def new_customer(
    request: ProgramRequest, response: HttpResponse, wanted: schemas.NewCustomerIn, key: Key
) -> dict[str, Any]:
    """Enter a customer before they turn to a desk. What comes from their addresses is theirs from then on."""
    return {"id": enter_customer(wanted, by=request.actor).pk}


@api.get("/customers/{id}", response=schemas.CustomerOut, summary="One customer")
@needs(Permission.CUSTOMER_READ)
def one_customer(request: StaffRequest, response: HttpResponse, id: int) -> Any:
    """The customer through the data scope of the person whom the token acts for."""
    found = customer_by_id(id, actor=request.actor)
    note_look_at_customer(found.pk, by=request.actor)
    return _shown(response, found, request)


@api.patch("/customers/{id}", response=schemas.CustomerOut, summary="Change a customer")
@needs(Permission.CUSTOMER_EDIT)
def changed_customer(
    request: StaffRequest,
    response: HttpResponse,
    id: int,
    wanted: schemas.CustomerIn,
    if_match: IfMatch = "",
) -> Any:
    """Set what is given, all of it or nothing. With If-Match only if the customer is still as they were read."""
    found = customer_by_id(id, actor=request.actor)
    set_customer(found, wanted, if_match=if_match, by=request.actor)
    found.refresh_from_db()
    note_look_at_customer(found.pk, by=request.actor)
    return _shown(response, found, request)


@api.get("/customers/{id}/places", response=list[schemas.PlaceOut], summary="Postal addresses of a customer")
@needs(Permission.CUSTOMER_READ)
def places_of_customer(request: StaffRequest, id: int) -> list[dict[str, Any]]:
    """By which postal addresses a customer is known beside that of the record, the first known first."""
    found = customer_by_id(id, actor=request.actor)
    note_look_at_customer(found.pk, by=request.actor)
    seen = places_shown(found, actor=request.actor)
    return [{"written": words, "how": one.how, "at": one.at} for one, words in seen]


@api.get("/customers/{id}/orders", response=list[order_schemas.OrderOut], summary="What a customer ordered")
@needs(Permission.CUSTOMER_READ)
def orders_of_customer(request: StaffRequest, id: int) -> list[dict[str, Any]]:
    """The orders of a customer with their lines and parcels, the newest first, a hundred at most."""
    found = customer_by_id(id, actor=request.actor)
    note_look_at_customer(found.pk, by=request.actor)
    return orders_in(found, actor=request.actor)


@api.get(
    "/customers/{id}/reservations",
    response=list[schemas.ReservationOut],
    summary="What a customer reserved or waits for",
)
@needs(Permission.CUSTOMER_READ)
def reservations_of_customer(request: StaffRequest, id: int) -> list[dict[str, Any]]:
    """The reservations of a customer, cancelled ones too, the latest time first, a hundred at most."""
    found = customer_by_id(id, actor=request.actor)
    note_look_at_customer(found.pk, by=request.actor)
    return reservations_in(found, actor=request.actor)


@api.get("/orders/{id}", response=order_schemas.OrderOut, summary="One order")
@needs(Permission.CUSTOMER_READ)
def one_order(request: StaffRequest, id: int) -> dict[str, Any]:
    """The order with its lines, and how far each of its parcels has come."""
    order, told = order_shown(id, actor=request.actor)
    note_look_at_customer(order.customer_id, by=request.actor)
    return told


@api.post("/cases/{number}/orders", response={201: order_schemas.OrderMade}, summary="Take an order")
@needs(Permission.ORDER_TAKE)
@makes("orders/{id}")
def order_of_case(
    request: ProgramRequest, response: HttpResponse, number: str, wanted: order_schemas.NewOrderIn, key: Key
) -> dict[str, Any]:
    """Take an order of the case's customer, at the prices and on the terms of now."""
    made = new_order(case_by_number(number, actor=request.actor), wanted, key=key, by=request.actor)
    return {"id": made.pk, "name": str(made)}


@api.post("/orders/{id}/parcels", response={201: order_schemas.ParcelMade}, summary="Send a parcel")
@needs(Permission.ORDER_TAKE)
@makes("orders/{order}")
def parcel_of_order(
    request: ProgramRequest, response: HttpResponse, id: int, wanted: order_schemas.NewParcelIn, key: Key
) -> dict[str, Any]:
    """Put pieces of an order together as a parcel, with its carrier and slip."""
    made = new_parcel(id, wanted, by=request.actor)
    return {"parcel": made.pk, "order": made.order_id, "state": made.state}


@api.post("/parcels/{id}/steps", response={201: order_schemas.ParcelMade}, summary="Say where a parcel was")
@needs(Permission.ORDER_TAKE)
@makes("orders/{order}")
def step_of_parcel(
    request: ProgramRequest, response: HttpResponse, id: int, wanted: order_schemas.ParcelStepIn, key: Key
) -> dict[str, Any]:
    """What a carrier tells of a parcel: told twice it is kept once, and late news changes no later one."""
    told = told_step(id, wanted, by=request.actor)
    return {"parcel": told.pk, "order": told.order_id, "state": told.state}


@api.get("/views", response=list[schemas.ViewOut], summary="Saved views")
@needs(Permission.CASE_READ)
def views(request: StaffRequest) -> list[dict[str, Any]]:
    """The views that the token's person sees: their own, and those of desks and companies."""
    return queries.views(request.actor)


@api.get("/views/{id}/cases", response=schemas.CasesOut, summary="Cases of a saved view")
@needs(Permission.CASE_READ)
def cases_in_view(
    request: StaffRequest,
    id: int,
    order: str = "",
    cursor: str = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """A page of the cases that a view wants, in its own order or in this one. A page may be incomplete, even empty,
    while `next` leads on.
    """
    return queries.cases_in_view(request.actor, view=id, order=order, cursor=cursor, limit=limit)


@api.get("/events", response=schemas.EventsOut, summary="What happened")
@needs(Permission.CASE_READ)
def events(request: StaffRequest, after: str = "", types: str = "", limit: Limit = 50) -> dict[str, Any]:
    """Events after a place, none left out and none twice; `start` is the beginning, nothing is now.

    `types` are their names with commas between; without it, all that the token may be told of.
    """
    kinds = [kind.strip() for kind in types.split(",") if kind.strip()]
    return queries.events(request.actor, after=after, kinds=kinds, limit=limit)


def _shown_task(response: HttpResponse, id: int, request: StaffRequest) -> dict[str, Any]:
    found = task_by_id(id, actor=request.actor)
    note_look(found.case, by=request.actor)
    response.headers["ETag"] = mark_of_task(found)
    blot = blotter_of(found.home, actor=request.actor)
    return shown(found, prefix=found.home.company.prefix, blot=blot)


def _shown(response: HttpResponse, found: Customer, request: StaffRequest) -> CustomerView:
    seen = view_of(found, actor=request.actor)
    response.headers["ETag"] = mark_of_customer(seen)
    return seen


api.add_router("", subscription_routes)
api.add_router("", solicited_routes)
api.add_router("", stopping_routes)
api.add_router("", belonging_routes)
api.add_router("", helping_routes)

urlpatterns = [path(PREFIX.removeprefix("/"), api.urls)]
