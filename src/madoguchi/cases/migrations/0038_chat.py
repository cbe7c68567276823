from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0037_phone")]
    operations = [
        migrations.AlterField(
            model_name="case",
            name="channel",
            field=models.CharField(
                choices=[("email", "Mail"), ("form", "Form"), ("phone", "Phone"), ("chat", "Chat")], max_length=10
            ),
        ),
    ]
