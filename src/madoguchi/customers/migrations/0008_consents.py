import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables

PURPOSES = [
    ("matter", "About their own matters"),
    ("offers", "Advertising and offers"),
    ("survey", "Surveys"),
    ("follow_up", "Guidance after a purchase"),
]
WAYS = [("email", "Mail"), ("phone", "Phone"), ("sms", "SMS"), ("line", "LINE"), ("letter", "Letter")]
HOW = [
    ("phone", "On the phone"),
    ("mail", "By mail"),
    ("form", "On a form or page"),
    ("paper", "On paper"),
    ("in_person", "In person"),
]
OPTIONS = {
    "abstract": False,
    "base_manager_name": "objects",
    "default_manager_name": "objects",
}


def to(model, null=False):
    return models.ForeignKey(
        db_index=False,
        null=null,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=model,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0013_acknowledgements"),
        ("customers", "0007_language"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name="ConsentWords",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("purpose", models.CharField(choices=PURPOSES, max_length=12)),
                        ("version", models.PositiveSmallIntegerField()),
                        ("text", models.TextField()),
                        ("written_at", models.DateTimeField()),
                        ("company", to("companies.company")),
                        ("user", to(settings.AUTH_USER_MODEL, null=True)),
                    ],
                    options={
                        **OPTIONS,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("company", "purpose", "version"), name="consent_words_once_per_version"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Consent",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("purpose", models.CharField(choices=PURPOSES, max_length=12)),
                        ("channel", models.CharField(choices=WAYS, max_length=10)),
                        ("given", models.BooleanField()),
                        ("how", models.CharField(choices=HOW, max_length=10)),
                        ("note", models.CharField(blank=True, max_length=300)),
                        ("at", models.DateTimeField()),
                        ("written_at", models.DateTimeField()),
                        ("company", to("companies.company")),
                        ("customer", to("customers.customer")),
                        ("user", to(settings.AUTH_USER_MODEL, null=True)),
                        ("words", to("customers.consentwords", null=True)),
                    ],
                    options={
                        **OPTIONS,
                        "indexes": [
                            models.Index(fields=["customer", "purpose", "channel", "-id"], name="consent_of_customer")
                        ],
                    },
                ),
            ]
        ),
        migrations.AddField(
            model_name="customer",
            name="use_stopped_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("use_stopped_at__isnull", False)), fields=["id"], name="customer_use_stopped"
            ),
        ),
        *protect("customers_consentwords", "customers_consent"),
        migrations.RunSQL(
            "CREATE TRIGGER joins_led_on BEFORE INSERT ON customers_consent"
            " FOR EACH ROW EXECUTE FUNCTION customers_led_on()",
            "DROP TRIGGER joins_led_on ON customers_consent",
        ),
    ]
