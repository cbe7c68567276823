"""What is worth knowing about customers, and how they wish to be spoken with."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect

KINDS = [
    ("wish", "Wish"),
    ("taste", "Likes and dislikes"),
    ("situation", "Circumstances"),
    ("caution", "To mind"),
]
PACES = [("", "As usual"), ("slow", "Slowly and clearly"), ("brisk", "Briskly")]
DETAILS = [
    ("", "As usual"),
    ("short", "In short, the result alone"),
    ("steps", "Step by step"),
    ("plain", "In plain words"),
]
WAYS = [("email", "Mail"), ("phone", "Phone"), ("sms", "SMS"), ("line", "LINE"), ("letter", "Letter")]


def to(model, null=False):
    return models.ForeignKey(
        db_index=False,
        null=null,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=model,
    )


def wish(choices):
    return models.CharField(blank=True, choices=choices, db_default="", max_length=10)


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0001_squashed_0015_line"),
        ("customers", "0009_reading"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(model_name="customer", name="pace", field=wish(PACES)),
        migrations.AddField(model_name="customer", name="detail", field=wish(DETAILS)),
        migrations.AddField(model_name="customer", name="prefers", field=wish(WAYS)),
        migrations.CreateModel(
            name="CustomerNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=KINDS, max_length=10, verbose_name="kind")),
                ("text", models.CharField(max_length=300)),
                ("until", models.DateField()),
                ("case_id", models.BigIntegerField(null=True)),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("company", to("companies.company")),
                ("customer", to("customers.customer")),
                ("ended_by", to(settings.AUTH_USER_MODEL, null=True)),
                ("user", to(settings.AUTH_USER_MODEL, null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["customer", "until"], name="note_of_customer")],
            },
        ),
        *protect("customers_customernote"),
        migrations.RunSQL(
            "CREATE TRIGGER joins_led_on BEFORE INSERT ON customers_customernote"
            " FOR EACH ROW EXECUTE FUNCTION customers_led_on()",
            "DROP TRIGGER joins_led_on ON customers_customernote",
        ),
    ]
