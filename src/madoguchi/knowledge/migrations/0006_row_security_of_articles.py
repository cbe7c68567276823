from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0005_articles")]
    operations = [*protect("knowledge_article", "knowledge_articleversion", "knowledge_articlepolicy")]
