"""To customers of which feelings a template is offered first."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('knowledge', '0017_templates_approved'),
    ]

    operations = [
        migrations.AddField(
            model_name='replytemplate',
            name='feelings',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), blank=True, db_default=[], default=list, size=None),
        ),
    ]
