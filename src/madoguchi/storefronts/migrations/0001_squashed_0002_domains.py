import django.db.models.deletion
import madoguchi.infra.secrets
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    replaces = [('storefronts', '0001_initial'), ('storefronts', '0002_domains')]

    initial = True

    dependencies = [
        ('companies', '0001_squashed_0015_line'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Storefront',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('own', "A shop of your own (Madoguchi's shop API)"), ('shopify', 'Shopify')], max_length=10, verbose_name='kind of shop')),
                        ('name', models.CharField(max_length=100, verbose_name='name')),
                        ('key', models.CharField(max_length=40, unique=True)),
                        ('secret', madoguchi.infra.secrets.SecretField()),
                        ('active', models.BooleanField(default=True)),
                        ('made_at', models.DateTimeField()),
                        ('heard_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk', verbose_name='desk')),
                        ('domain', models.CharField(blank=True, db_default='', max_length=100, verbose_name='domain of the shop')),
                    ],
                    options={
                        'verbose_name': 'connected shop', 'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects'},
                ),
                migrations.CreateModel(
                    name='Handed',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=200)),
                        ('topic', models.CharField(max_length=60)),
                        ('about', models.CharField(blank=True, max_length=120)),
                        ('triggered', models.BigIntegerField(default=0)),
                        ('body', models.JSONField(null=True)),
                        ('state', models.CharField(choices=[('new', 'Just came in'), ('waiting', 'Waits for what it belongs to'), ('taken', 'Taken in'), ('known', 'Nothing new'), ('wrong', 'Could not be taken in'), ('aside', 'Put aside by us')], default='new', max_length=10)),
                        ('needs', models.CharField(blank=True, max_length=140)),
                        ('why', models.CharField(blank=True, max_length=500)),
                        ('at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('storefront', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='handed', to='storefronts.storefront')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['storefront', 'state', '-id'], name='handed_by_state'), models.Index(condition=models.Q(('state', 'waiting')), fields=['storefront', 'needs'], name='handed_waiting'), models.Index(fields=['at'], name='handed_by_age')],
                        'constraints': [models.UniqueConstraint(fields=('storefront', 'name'), name='handed_in_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Counterpart',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=12)),
                        ('theirs', models.CharField(max_length=120)),
                        ('ours', models.BigIntegerField(null=True)),
                        ('version', models.BigIntegerField(default=0)),
                        ('tie', models.BigIntegerField(default=0)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('storefront', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='counterparts', to='storefronts.storefront')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['company', 'kind', 'ours'], name='counterpart_by_ours')],
                        'constraints': [models.UniqueConstraint(fields=('storefront', 'kind', 'theirs'), name='counterpart_once')],
                    },
                ),
            ],
        ),
        *protect(
            "storefronts_storefront",
            "storefronts_handed",
            "storefronts_counterpart",
        ),
    ]
