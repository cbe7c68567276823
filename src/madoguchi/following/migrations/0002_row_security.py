from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("following", "0001_initial")]
    operations = [*protect("following_follow", "following_notification")]
