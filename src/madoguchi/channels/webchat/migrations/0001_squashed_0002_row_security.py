import django.contrib.postgres.fields
import django.core.validators
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
                    name='Widget',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('title', models.CharField(blank=True, max_length=100, verbose_name='title')),
                        ('greeting', models.TextField(blank=True, max_length=1000, verbose_name='greeting')),
                        ('hue', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(359)], verbose_name='colour (hue)')),
                        ('sites', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=255), blank=True, default=list, size=None, verbose_name='sites')),
                        ('ask', models.CharField(choices=[('never', 'not asked'), ('optional', 'they may be given'), ('required', 'both are needed')], default='optional', max_length=10, verbose_name='ask for name and mail address')),
                        ('mail_after', models.PositiveSmallIntegerField(default=5, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1440)], verbose_name='minutes until an unseen answer goes by mail')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='widget', to='companies.entrypoint')),
                    ],
                    options={
                        'verbose_name': 'chat',
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='Visit',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('visitor', models.CharField(max_length=40)),
                        ('called', models.CharField(blank=True, max_length=200)),
                        ('address', models.CharField(blank=True, max_length=254)),
                        ('began_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.entrypoint')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'visitor'), name='visit_once_per_company')],
                    },
                ),
            ],
        ),
        *protect(
            "webchat_widget",
            "webchat_visit",
        ),
    ]
