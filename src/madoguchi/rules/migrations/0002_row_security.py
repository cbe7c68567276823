from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("rules", "0001_initial")]
    operations = [*protect("rules_rule", "rules_ruleversion", "rules_rulerun")]
