from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("email", "0005_reports")]

    operations = [
        migrations.AlterField(
            model_name="smtpserver",
            name="return_addresses",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="a return address of its own for each mail"
            ),
        ),
    ]
