from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("imports", "0004_uploads")]
    operations = [*protect("imports_upload"), *protect("imports_uploadline")]
