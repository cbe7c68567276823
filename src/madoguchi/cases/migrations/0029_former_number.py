from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0028_what_is_due")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="former_number",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
    ]
