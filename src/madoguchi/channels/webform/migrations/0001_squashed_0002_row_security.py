import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("companies", "0001_squashed_0015_line"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Form',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('title', models.CharField(max_length=200, verbose_name='title')),
                        ('introduction', models.TextField(blank=True, verbose_name='introduction')),
                        ('fields', models.JSONField(blank=True, default=list, verbose_name='questions')),
                        ('ask_phone', models.BooleanField(default=True, verbose_name='ask for a phone number')),
                        ('take_files', models.BooleanField(default=True, verbose_name='take files')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='form', to='companies.entrypoint')),
                    ],
                    options={
                        'verbose_name': 'form',
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                    },
                ),
            ],
        ),
        *protect(
            "webform_form",
        ),
    ]
