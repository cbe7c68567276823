"""Postal addresses by which customers are known beside the one of the record."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect

HOW = [("sent", "Goods were ordered there"), ("told", "Told by the customer"), ("arrived", "Goods arrived there")]


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
        ("companies", "0017_no_two_hyphens"),
        ("customers", "0015_refusal_key_renewed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="PostalAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("house", models.CharField(max_length=300)),
                ("written", models.CharField(max_length=320)),
                ("how", models.CharField(choices=HOW, max_length=10)),
                ("at", models.DateTimeField()),
                ("company", to("companies.company")),
                ("customer", to("customers.customer")),
                ("user", to(settings.AUTH_USER_MODEL, null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["customer"], name="postal_address_of_customer"),
                    models.Index(fields=["company", "house"], name="postal_address_by_house"),
                ],
            },
        ),
        *protect("customers_postaladdress"),
        migrations.RunSQL(
            "CREATE TRIGGER joins_led_on BEFORE INSERT ON customers_postaladdress"
            " FOR EACH ROW EXECUTE FUNCTION customers_led_on()",
            "DROP TRIGGER joins_led_on ON customers_postaladdress",
        ),
    ]
