import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("cases", "0001_squashed_0041_line"),
        ("companies", "0001_squashed_0015_line"),
        ('people', '0001_squashed_0007_access_token_desks'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Macro',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=60)),
                        ('acts', models.JSONField()),
                        ('deleted_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.desk')),
                        ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['company', 'desk'], name='macro_of_company')],
                    },
                ),
                migrations.CreateModel(
                    name='MacroRun',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('before', models.JSONField()),
                        ('version', models.PositiveIntegerField(null=True)),
                        ('draft', models.JSONField(null=True)),
                        ('noted', models.BooleanField(default=False)),
                        ('at', models.DateTimeField()),
                        ('undone_at', models.DateTimeField(null=True)),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('macro', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='macros.macro')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('tasks', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), db_default=[], default=list, size=None)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                    },
                ),
            ],
        ),
        *protect(
            "macros_macro",
            "macros_macrorun",
        ),
    ]
