from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("companies", "0001_initial")]
    operations = [
        *protect("companies_company", column="id"),
        *protect("companies_desk", "companies_entrypoint", "companies_engagement"),
    ]
