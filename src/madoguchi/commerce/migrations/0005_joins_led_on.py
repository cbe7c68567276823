from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("commerce", "0004_kept"), ("customers", "0006_joins_led_on")]
    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER joins_led_on BEFORE INSERT ON commerce_order"
            " FOR EACH ROW EXECUTE FUNCTION customers_led_on()",
            "DROP TRIGGER joins_led_on ON commerce_order",
        )
    ]
