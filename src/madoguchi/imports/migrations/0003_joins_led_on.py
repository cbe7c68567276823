from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("imports", "0002_former_numbers"), ("customers", "0006_joins_led_on")]
    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER joins_led_on BEFORE INSERT ON imports_origin"
            " FOR EACH ROW EXECUTE FUNCTION customers_led_on()",
            "DROP TRIGGER joins_led_on ON imports_origin",
        )
    ]
