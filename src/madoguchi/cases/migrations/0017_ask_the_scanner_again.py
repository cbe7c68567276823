from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0016_messages_of_ours")]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="asks",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="attachment",
            name="ask_again_at",
            field=models.DateTimeField(null=True),
        ),
    ]
