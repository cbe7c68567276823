import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("companies", "0001_squashed_0015_line"),
        ("knowledge", "0001_squashed_0008_readings"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='HelpCentre',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('is_open', models.BooleanField(default=False, verbose_name='open to everybody')),
                        ('title', models.CharField(blank=True, default='', max_length=80, verbose_name='title')),
                        ('introduction', models.CharField(blank=True, default='', max_length=400, verbose_name='introduction')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('contact', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='companies.entrypoint', verbose_name='form to write to us')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company',), name='help_centre_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Judgement',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('visitor', models.CharField(max_length=32)),
                        ('helped', models.BooleanField()),
                        ('at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='knowledge.articleversion')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('version', 'visitor'), name='judged_once')],
                    },
                ),
            ],
        ),
        *protect(
            "helpcentre_helpcentre",
            "helpcentre_judgement",
        ),
    ]
