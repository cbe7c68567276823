from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0011_row_security_of_bases")]
    operations = [
        migrations.AddField(
            model_name="outgoing",
            name="instead",
            field=models.CharField(blank=True, db_default="", default="", max_length=254),
        ),
    ]
