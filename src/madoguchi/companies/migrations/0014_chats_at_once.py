import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("companies", "0013_acknowledgements")]
    operations = [
        migrations.AddField(
            model_name="desk",
            name="chats_at_once",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(50),
                ],
                verbose_name="chats that one person has at once",
            ),
        ),
    ]
