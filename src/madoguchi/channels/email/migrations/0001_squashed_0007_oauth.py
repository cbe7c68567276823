import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import madoguchi.infra.secrets
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("cases", "0001_squashed_0041_line"),
        ("companies", "0001_squashed_0015_line"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Mailbox',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('host', models.CharField(max_length=200, verbose_name='IMAP server')),
                        ('port', models.PositiveIntegerField(default=993, verbose_name='port')),
                        ('security', models.CharField(choices=[('tls', 'TLS from the start'), ('starttls', 'STARTTLS'), ('none', "none (only inside one's own network)")], default='tls', max_length=10, verbose_name='security')),
                        ('username', models.CharField(max_length=254, verbose_name='user name')),
                        ('password', madoguchi.infra.secrets.SecretField(blank=True, verbose_name='password')),
                        ('folder', models.CharField(default='INBOX', max_length=200, verbose_name='folder')),
                        ('active', models.BooleanField(default=True, verbose_name='read it')),
                        ('uid_validity', models.BigIntegerField(default=0)),
                        ('last_uid', models.BigIntegerField(default=0)),
                        ('lease_holder', models.CharField(blank=True, max_length=100)),
                        ('leased_until', models.DateTimeField(null=True)),
                        ('checked_at', models.DateTimeField(null=True)),
                        ('problem', models.TextField(blank=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='mailbox', to='companies.entrypoint')),
                        ('sign_in', models.CharField(choices=[('password', 'password'), ('oauth', 'OAuth 2 (Gmail, Microsoft 365)')], db_default='password', default='password', max_length=10, verbose_name='sign-in')),
                    ],
                    options={
                        'verbose_name': 'mailbox',
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='SmtpServer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('host', models.CharField(max_length=200, verbose_name='SMTP server')),
                        ('port', models.PositiveIntegerField(default=587, verbose_name='port')),
                        ('security', models.CharField(choices=[('tls', 'TLS from the start'), ('starttls', 'STARTTLS'), ('none', "none (only inside one's own network)")], default='starttls', max_length=10, verbose_name='security')),
                        ('username', models.CharField(blank=True, max_length=254, verbose_name='user name')),
                        ('password', madoguchi.infra.secrets.SecretField(blank=True, verbose_name='password')),
                        ('active', models.BooleanField(default=True, verbose_name='send through it')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='smtp_server', to='companies.entrypoint')),
                        ('allowance', models.FloatField(db_default=0, default=0)),
                        ('at_once', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='connections at once')),
                        ('counted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('per_minute', models.PositiveIntegerField(db_default=0, default=0, verbose_name='mails a minute')),
                        ('resting_until', models.DateTimeField(null=True)),
                        ('rests', models.PositiveSmallIntegerField(db_default=0, default=0)),
                        ('turn_at', models.DateTimeField(null=True)),
                        ('return_addresses', models.BooleanField(db_default=False, default=False, verbose_name='a return address of its own for each mail')),
                        ('sign_in', models.CharField(choices=[('password', 'password'), ('oauth', 'OAuth 2 (Gmail, Microsoft 365)')], db_default='password', default='password', max_length=10, verbose_name='sign-in')),
                    ],
                    options={
                        'verbose_name': 'mail server',
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='SentMail',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('external_id', models.CharField(max_length=500)),
                        ('recipients', models.JSONField(default=list)),
                        ('subject', models.CharField(blank=True, max_length=500)),
                        ('raw', models.BinaryField()),
                        ('sent_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['company', '-sent_at'], name='outbox_newest')],
                        'constraints': [models.UniqueConstraint(fields=('company', 'external_id'), name='sent_once')],
                    },
                ),
                migrations.CreateModel(
                    name='DkimKey',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('domain', models.CharField(max_length=253)),
                        ('selector', models.CharField(max_length=63)),
                        ('private_key', madoguchi.infra.secrets.SecretField()),
                        ('public_key', models.TextField()),
                        ('active', models.BooleanField(default=False)),
                        ('made_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={
                        'verbose_name': 'DKIM key',
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'domain', 'selector'), name='dkim_selector_once'), models.UniqueConstraint(condition=models.Q(('active', True)), fields=('company', 'domain'), name='dkim_one_in_use')],
                    },
                ),
                migrations.CreateModel(
                    name='RemoteImage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('address', models.TextField()),
                        ('sha256', models.CharField(max_length=64)),
                        ('fetched_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('message', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.message')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(models.F('message'), django.db.models.functions.text.MD5('address'), name='remote_image_once_per_message')],
                    },
                ),
                migrations.CreateModel(
                    name='OAuthAccount',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('provider', models.CharField(choices=[('google', 'Google (Gmail, Workspace)'), ('microsoft', 'Microsoft 365'), ('other', 'another, set up on the command line')], max_length=10, verbose_name='provider')),
                        ('tenant', models.CharField(blank=True, max_length=100, verbose_name='tenant')),
                        ('client_id', models.CharField(max_length=200, verbose_name='client ID')),
                        ('client_secret', madoguchi.infra.secrets.SecretField(blank=True, verbose_name='client secret')),
                        ('endpoints', models.JSONField(default=dict)),
                        ('places', models.JSONField(default=list)),
                        ('refresh_token', madoguchi.infra.secrets.SecretField(blank=True)),
                        ('access_token', madoguchi.infra.secrets.SecretField(blank=True)),
                        ('expires_at', models.DateTimeField(null=True)),
                        ('authorized_at', models.DateTimeField(null=True)),
                        ('problem', models.CharField(blank=True, max_length=20)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='oauth_account', to='companies.entrypoint')),
                    ],
                    options={
                        'verbose_name': 'OAuth 2 account',
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                    },
                ),
            ],
        ),
        *protect(
            "email_mailbox",
            "email_smtpserver",
            "email_sentmail",
            "email_dkimkey",
            "email_remoteimage",
            "email_oauthaccount",
        ),
    ]
