import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    replaces = [('routing', '0001_squashed_0002_division'), ('routing', '0003_shifts'), ('routing', '0004_worker_capacity'), ('routing', '0005_minutes_of_answers')]

    initial = True

    dependencies = [
        ('companies', '0001_squashed_0015_line'),
        ('people', '0001_squashed_0007_access_token_desks'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Sharing',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('order', models.CharField(choices=[('urgency', 'Urgency: which part of its time a case has waited'), ('priority', 'Priority, then age'), ('fifo', 'Age: first come, first served')], default='urgency', max_length=10, verbose_name='order of the queue')),
                        ('pushes', models.BooleanField(default=False, verbose_name='give cases out by itself')),
                        ('prefers_last', models.BooleanField(default=True, verbose_name='first to who answered last')),
                        ('kept_minutes', models.PositiveSmallIntegerField(default=15, validators=[django.core.validators.MaxValueValidator(1440)], verbose_name='kept for them (minutes)')),
                        ('target_minutes', models.PositiveIntegerField(default=240, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100000)], verbose_name='to be answered within (minutes), where nothing else is promised')),
                        ('mails', models.PositiveSmallIntegerField(default=20, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(500)], verbose_name='mails and forms in hand at once')),
                        ('needs', models.JSONField(default=list)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.desk')),
                    ],
                    options={
                        'verbose_name': 'sharing', 'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects'},
                ),
                migrations.CreateModel(
                    name='Skill',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=40)),
                        ('level', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)])),
                        ('expires_on', models.DateField(null=True)),
                        ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.operatormember')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('member', 'name'), name='skill_once_per_member')],
                    },
                ),
                migrations.CreateModel(
                    name='Worker',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('state', models.CharField(choices=[('available', 'Available'), ('away', 'Away'), ('break', 'On a break'), ('off', 'Off work')], default='off', max_length=10)),
                        ('since', models.DateTimeField()),
                        ('seen_at', models.DateTimeField()),
                        ('given_at', models.DateTimeField(null=True)),
                        ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=list, size=None)),
                        ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('capacity', models.PositiveSmallIntegerField(db_default=100, default=100, validators=[django.core.validators.MinValueValidator(10), django.core.validators.MaxValueValidator(300)])),
                        ('answer_minutes', models.PositiveSmallIntegerField(null=True)),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('state', 'available')), fields=['seen_at'], name='worker_unseen')],
                    },
                ),
                migrations.CreateModel(
                    name='Division',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('is_on', models.BooleanField(default=False, verbose_name='in use')),
                        ('rules', models.JSONField(default=list)),
                        ('given', models.JSONField(default=list)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.desk')),
                    ],
                    options={
                        'verbose_name': 'division', 'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects'},
                ),
                migrations.CreateModel(
                    name='Shift',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('week', models.JSONField(default=list)),
                        ('days', models.JSONField(default=dict)),
                        ('member', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.operatormember')),
                    ],
                ),
            ],
        ),
        *protect(
            "routing_sharing",
            "routing_division",
        ),
    ]
