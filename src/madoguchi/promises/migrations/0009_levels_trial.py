"""Service levels that are tried on all cases of 90 days, by a job."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0018_what_an_hour_costs'),
        ('promises', '0008_words_of_notices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LevelsTrial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('state', models.CharField(choices=[('running', 'Being tried'), ('done', 'Tried on all'), ('cancelled', 'Stopped'), ('failed', 'Could not be tried')], default='running', max_length=10)),
                ('found', models.JSONField(default=dict)),
                ('done', models.PositiveIntegerField(default=0)),
                ('total', models.PositiveIntegerField()),
                ('reached_at', models.DateTimeField(null=True)),
                ('reached', models.BigIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('desk', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.desk')),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        *protect("promises_levelstrial"),
    ]
