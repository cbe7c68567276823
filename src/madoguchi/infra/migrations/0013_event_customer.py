"""Of which customer an event tells stands beside the log: the database writes it with every event."""

import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect

# It waits for whoever writes events, so that each is either there for what comes next or followed by the trigger.
_FOLLOW = """
    CREATE FUNCTION event_names_customer() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO infra_eventcustomer (customer_id, event_id, company_id)
            VALUES ((NEW.data ->> 'customer')::bigint, NEW.id, NEW.company_id)
            ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$;
    CREATE TRIGGER event_names_customer AFTER INSERT ON infra_event FOR EACH ROW
        WHEN (jsonb_typeof(NEW.data -> 'customer') = 'number' AND NEW.data ->> 'customer' ~ '^[0-9]{1,18}$')
        EXECUTE FUNCTION event_names_customer();
"""
# Where nothing has happened yet there is nothing to go through.
_NOTHING_BEFORE = """
    SELECT set_config('app.companies', '*', true);
    INSERT INTO infra_gonethrough (name, event_id, done)
        SELECT 'event_customers', 0, true WHERE NOT EXISTS (SELECT FROM infra_event);
    SELECT set_config('app.companies', '', true);
"""
_NO_MORE = "DROP FUNCTION event_names_customer CASCADE"


class Migration(migrations.Migration):
    dependencies = [("infra", "0012_event_of_changed")]

    operations = [
        migrations.CreateModel(
            name="EventCustomer",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "customer_id", "event_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("customer_id", models.BigIntegerField()),
                ("event_id", models.BigIntegerField()),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="companies.company",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="GoneThrough",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("event_id", models.BigIntegerField(default=0)),
                ("done", models.BooleanField(default=False)),
            ],
        ),
        *protect("infra_eventcustomer"),
        migrations.RunSQL(_FOLLOW, _NO_MORE),
        migrations.RunSQL(_NOTHING_BEFORE, migrations.RunSQL.noop),
    ]
