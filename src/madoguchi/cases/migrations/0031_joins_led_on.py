from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0030_found_by_former_number"), ("customers", "0006_joins_led_on")]
    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER joins_led_on BEFORE INSERT ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION customers_led_on()",
            f"DROP TRIGGER joins_led_on ON {table}",
        )
        for table in ("cases_case", "cases_contact")
    ]
