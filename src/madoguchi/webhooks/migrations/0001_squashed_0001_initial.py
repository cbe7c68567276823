import django.contrib.postgres.fields
import django.db.models.deletion
import madoguchi.infra.secrets
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
                    name='Endpoint',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('url', models.CharField(max_length=500)),
                        ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                        ('secret', madoguchi.infra.secrets.SecretField()),
                        ('old_secret', madoguchi.infra.secrets.SecretField(blank=True)),
                        ('old_until', models.DateTimeField(null=True)),
                        ('off_why', models.CharField(blank=True, max_length=300)),
                        ('failing_since', models.DateTimeField(null=True)),
                        ('paused_until', models.DateTimeField(null=True)),
                        ('made_at', models.DateTimeField()),
                        ('removed_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('off_why', ''), ('removed_at', None)), fields=['company'], name='endpoint_in_use')],
                    },
                ),
                migrations.CreateModel(
                    name='Delivery',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('event_id', models.BigIntegerField()),
                        ('kind', models.CharField(max_length=40)),
                        ('body', models.TextField()),
                        ('state', models.CharField(choices=[('queued', 'Queued'), ('sending', 'Sending'), ('delivered', 'Delivered'), ('failed', 'Failed')], default='queued', max_length=10)),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('due_at', models.DateTimeField()),
                        ('tried_at', models.DateTimeField(null=True)),
                        ('status', models.PositiveSmallIntegerField(null=True)),
                        ('response', models.CharField(blank=True, max_length=500)),
                        ('made_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('endpoint', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='webhooks.endpoint')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['endpoint', '-id'], name='delivery_of_endpoint'), models.Index(condition=models.Q(('state__in', ['queued', 'sending'])), fields=['due_at'], name='delivery_under_way'), models.Index(fields=['made_at'], name='delivery_by_age')],
                        'constraints': [models.UniqueConstraint(fields=('endpoint', 'event_id'), name='event_once_per_endpoint')],
                    },
                ),
            ],
        ),
        *protect(
            "webhooks_endpoint",
            "webhooks_delivery",
        ),
    ]
