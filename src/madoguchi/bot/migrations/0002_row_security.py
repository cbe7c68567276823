from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("bot", "0001_initial")]
    operations = [*protect("bot_bot", "bot_limitwords", "bot_talk", "bot_turn")]
