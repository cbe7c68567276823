from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("voice", "0001_initial")]
    operations = [*protect("voice_call", "voice_flowversion", "voice_recording")]
