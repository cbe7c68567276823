import django.db.models.deletion
import madoguchi.infra.secrets
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    replaces = [('line', '0001_initial'), ('line', '0002_account_links'), ('line', '0003_counted')]

    initial = True

    dependencies = [
        ('companies', '0001_squashed_0015_line'),
        ('people', '0001_squashed_0007_access_token_desks'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Account',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('channel_id', models.CharField(max_length=20, verbose_name='channel ID')),
                        ('secret', madoguchi.infra.secrets.SecretField(verbose_name='channel secret')),
                        ('token', madoguchi.infra.secrets.SecretField(verbose_name='channel access token')),
                        ('bot', models.CharField(blank=True, max_length=40)),
                        ('name', models.CharField(blank=True, max_length=200)),
                        ('quota', models.PositiveIntegerField(null=True)),
                        ('used', models.PositiveIntegerField(null=True)),
                        ('tried_at', models.DateTimeField(null=True)),
                        ('problem', models.TextField(blank=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='line_account', to='companies.entrypoint')),
                        ('counted_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'verbose_name': 'LINE account', 'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects'},
                ),
                migrations.CreateModel(
                    name='Friend',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('user', models.CharField(max_length=40)),
                        ('called', models.CharField(blank=True, max_length=200)),
                        ('language', models.CharField(blank=True, max_length=10)),
                        ('said', models.CharField(blank=True, max_length=500)),
                        ('reply_token', models.CharField(blank=True, max_length=100)),
                        ('reply_until', models.DateTimeField(null=True)),
                        ('profile_at', models.DateTimeField(null=True)),
                        ('followed_at', models.DateTimeField(null=True)),
                        ('blocked_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.entrypoint')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['company', 'user'], name='line_friend_by_user')],
                        'constraints': [models.UniqueConstraint(fields=('entry_point', 'user'), name='line_friend_once_per_account')],
                    },
                ),
                migrations.CreateModel(
                    name='Received',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('event', models.CharField(max_length=40)),
                        ('kind', models.CharField(max_length=30)),
                        ('source', models.CharField(max_length=10)),
                        ('user', models.CharField(blank=True, max_length=40)),
                        ('about', models.CharField(blank=True, max_length=40)),
                        ('body', models.TextField(blank=True)),
                        ('state', models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Done'), ('aside', 'Laid aside'), ('failed', 'Failed')], default='waiting', max_length=10)),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('why', models.CharField(blank=True, max_length=300)),
                        ('happened_at', models.DateTimeField()),
                        ('received_at', models.DateTimeField()),
                        ('due_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.entrypoint')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at'], name='line_event_waiting'), models.Index(condition=models.Q(('kind', 'unsend')), fields=['entry_point', 'about'], name='line_unsent'), models.Index(fields=['received_at'], name='line_by_receipt'), models.Index(fields=['company', 'user'], name='line_received_of_user')],
                        'constraints': [models.UniqueConstraint(fields=('entry_point', 'event'), name='line_event_once_per_account')],
                    },
                ),
                migrations.CreateModel(
                    name='SentPart',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('external_id', models.CharField(max_length=500)),
                        ('number', models.PositiveSmallIntegerField()),
                        ('by_reply', models.BooleanField()),
                        ('at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'external_id', 'number'), name='line_part_once_per_message')],
                    },
                ),
                migrations.CreateModel(
                    name='LinkCode',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('address', models.CharField(max_length=254)),
                        ('digest', models.CharField(max_length=64)),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('until', models.DateTimeField()),
                        ('used_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('friend', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='line.friend')),
                        ('nonce', models.CharField(blank=True, db_default='', default='', max_length=64)),
                        ('nonce_until', models.DateTimeField(null=True)),
                        ('inviter', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(condition=models.Q(('nonce', ''), _negated=True), fields=('company', 'nonce'), name='line_nonce_once')],
                    },
                ),
            ],
        ),
        *protect(
            "line_account",
            "line_friend",
            "line_received",
            "line_sentpart",
            "line_linkcode",
        ),
    ]
