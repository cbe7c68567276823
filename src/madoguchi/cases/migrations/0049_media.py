"""By which medium a customer came, and by which they had bought before that."""

from django.db import migrations, models


def words():
    return models.CharField(blank=True, db_default="", default="", max_length=200)


class Migration(migrations.Migration):
    dependencies = [("cases", "0048_identity_needs"), ("commerce", "0029_media")]
    operations = [
        migrations.AddField(model_name="contact", name="medium", field=words()),
        migrations.AddField(model_name="contact", name="bought", field=words()),
    ]
