from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("webchat", "0001_initial")]
    operations = [*protect("webchat_widget"), *protect("webchat_visit")]
