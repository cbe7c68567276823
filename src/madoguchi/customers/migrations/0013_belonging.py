"""Households and firms among customers, and who belongs to them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect

SORTS = [("", "Person"), ("household", "Household"), ("firm", "Firm")]
_GROUPS_LED_ON = """
    CREATE FUNCTION customers_group_led_on() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        goes_on bigint;
    BEGIN
        SELECT joined_into_id INTO goes_on FROM customers_customer WHERE id = NEW.group_id FOR KEY SHARE;
        IF goes_on IS NOT NULL THEN
            NEW.group_id := goes_on;
        END IF;
        RETURN NEW;
    END $$;
"""


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
        ("companies", "0001_squashed_0015_line"),
        ("customers", "0012_member_numbers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            model_name="customer",
            name="sort",
            field=models.CharField(blank=True, choices=SORTS, db_default="", default="", max_length=10),
        ),
        migrations.CreateModel(
            name="Belonging",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(blank=True, max_length=60)),
                ("at", models.DateTimeField()),
                ("company", to("companies.company")),
                ("customer", to("customers.customer")),
                ("group", to("customers.customer")),
                ("user", to(settings.AUTH_USER_MODEL, null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["customer"], name="belonging_of_customer"),
                    models.Index(fields=["group"], name="belonging_to_group"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("customer", models.F("group")), _negated=True),
                        name="belongs_to_another",
                    )
                ],
            },
        ),
        *protect("customers_belonging"),
        migrations.RunSQL(_GROUPS_LED_ON, "DROP FUNCTION customers_group_led_on()"),
        migrations.RunSQL(
            "CREATE TRIGGER joins_led_on BEFORE INSERT ON customers_belonging"
            " FOR EACH ROW EXECUTE FUNCTION customers_led_on()",
            "DROP TRIGGER joins_led_on ON customers_belonging",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER groups_led_on BEFORE INSERT ON customers_belonging"
            " FOR EACH ROW EXECUTE FUNCTION customers_group_led_on()",
            "DROP TRIGGER groups_led_on ON customers_belonging",
        ),
    ]
