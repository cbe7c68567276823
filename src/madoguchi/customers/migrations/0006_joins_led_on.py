from django.db import migrations

from madoguchi.infra.row_security import protect

# Whoever looked a customer up before a join and writes after it is led on. Waiting for the row's lock is what the
# foreign key would do a moment later.
_LED_ON = """
    CREATE FUNCTION customers_led_on() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        goes_on bigint;
    BEGIN
        SELECT joined_into_id INTO goes_on FROM customers_customer WHERE id = NEW.customer_id FOR KEY SHARE;
        IF goes_on IS NOT NULL THEN
            NEW.customer_id := goes_on;
        END IF;
        RETURN NEW;
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_joins")]
    operations = [
        *protect("customers_join"),
        migrations.RunSQL(_LED_ON, "DROP FUNCTION customers_led_on()"),
        migrations.RunSQL(
            "CREATE TRIGGER joins_led_on BEFORE INSERT ON customers_identity"
            " FOR EACH ROW EXECUTE FUNCTION customers_led_on()",
            "DROP TRIGGER joins_led_on ON customers_identity",
        ),
    ]
