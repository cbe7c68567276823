from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0001_initial")]
    operations = [*protect("knowledge_replytemplate")]
