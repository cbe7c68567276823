from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("companies", "0011_phone")]
    operations = [
        migrations.AlterField(
            model_name="entrypoint",
            name="kind",
            field=models.CharField(
                choices=[("email", "Mail"), ("form", "Form"), ("phone", "Phone"), ("chat", "Chat")],
                max_length=10,
                verbose_name="kind",
            ),
        ),
    ]
