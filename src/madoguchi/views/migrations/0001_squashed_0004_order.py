import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("companies", "0001_squashed_0015_line"),
        ('people', '0001_squashed_0007_access_token_desks'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='SavedView',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('audience', models.CharField(choices=[('owner', 'Owner'), ('desk', 'Desk'), ('company', 'Company')], max_length=10)),
                        ('name', models.CharField(max_length=60)),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                        ('filter', models.JSONField()),
                        ('deleted_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.desk')),
                        ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('columns', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), db_default=[], default=list, size=None)),
                        ('order', models.CharField(db_default='newest', default='newest', max_length=30)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['company', 'audience'], name='view_of_company')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('audience', 'desk'), ('desk__isnull', False)), models.Q(models.Q(('audience', 'desk'), _negated=True), ('desk__isnull', True)), _connector='OR'), name='view_of_a_desk_has_one')],
                    },
                ),
            ],
        ),
        *protect(
            "views_savedview",
        ),
    ]
