import datetime
import django.db.models.deletion
import uuid
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
                    name='Wishes',
                    fields=[
                        ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                        ('follows_own', models.BooleanField(default=False)),
                        ('in_browser', models.BooleanField(default=False)),
                        ('approval', models.CharField(choices=[('bell', 'in the console only'), ('mail', 'and by mail, at once'), ('digest', 'and by mail, collected'), ('none', 'not at all')], db_default='bell', default='bell', max_length=6)),
                        ('assigned', models.CharField(choices=[('bell', 'in the console only'), ('mail', 'and by mail, at once'), ('digest', 'and by mail, collected'), ('none', 'not at all')], db_default='bell', default='bell', max_length=6)),
                        ('digest_at', models.TimeField(db_default=datetime.time(9, 0), default=datetime.time(9, 0))),
                        ('followed', models.CharField(choices=[('bell', 'in the console only'), ('mail', 'and by mail, at once'), ('digest', 'and by mail, collected'), ('none', 'not at all')], db_default='bell', default='bell', max_length=6)),
                        ('hourly', models.BooleanField(db_default=False, default=False)),
                        ('mentioned', models.CharField(choices=[('bell', 'in the console only'), ('mail', 'and by mail, at once'), ('digest', 'and by mail, collected'), ('none', 'not at all')], db_default='bell', default='bell', max_length=6)),
                        ('task', models.CharField(choices=[('bell', 'in the console only'), ('mail', 'and by mail, at once'), ('digest', 'and by mail, collected'), ('none', 'not at all')], db_default='bell', default='bell', max_length=6)),
                        ('due', models.CharField(choices=[('bell', 'in the console only'), ('mail', 'and by mail, at once'), ('digest', 'and by mail, collected'), ('none', 'not at all')], db_default='bell', default='bell', max_length=6)),
                        ('question', models.CharField(choices=[('bell', 'in the console only'), ('mail', 'and by mail, at once'), ('digest', 'and by mail, collected'), ('none', 'not at all')], db_default='bell', default='bell', max_length=6)),
                        ('signal', models.CharField(choices=[('bell', 'in the console only'), ('mail', 'and by mail, at once'), ('digest', 'and by mail, collected'), ('none', 'not at all')], db_default='bell', default='bell', max_length=6)),
                    ],
                ),
                migrations.CreateModel(
                    name='Follow',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('since', models.DateTimeField()),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('case', 'user'), name='follow_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Notification',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('event', models.BigIntegerField()),
                        ('kind', models.CharField(max_length=40)),
                        ('why', models.CharField(choices=[('mentioned', 'Mentioned'), ('assigned', 'Assigned'), ('followed', 'Followed'), ('asked', 'Asked'), ('wrote', 'Wrote'), ('task', 'Task'), ('due', 'Due'), ('question', 'Question'), ('signal', 'Signal')], max_length=10)),
                        ('who', models.CharField(max_length=200)),
                        ('at', models.DateTimeField()),
                        ('read_at', models.DateTimeField(null=True)),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('letter', models.UUIDField(null=True)),
                        ('way', models.CharField(choices=[('bell', 'in the console only'), ('mail', 'and by mail, at once'), ('digest', 'and by mail, collected'), ('none', 'not at all')], db_default='bell', default='bell', max_length=6)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['user', '-id'], name='notification_of_user'), models.Index(condition=models.Q(('read_at', None)), fields=['user'], name='notification_unread'), models.Index(condition=models.Q(('letter', None), _negated=True), fields=['letter'], name='notification_in_letter'), models.Index(condition=models.Q(('letter', None), ('read_at', None), ('way__in', ['mail', 'digest'])), fields=['user', 'way'], name='notification_for_letter')],
                        'constraints': [models.UniqueConstraint(fields=('event', 'user'), name='told_once_of_an_event')],
                    },
                ),
                migrations.CreateModel(
                    name='Letter',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                        ('state', models.CharField(choices=[('queued', 'Queued'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Failed'), ('needless', 'Needless')], default='queued', max_length=10)),
                        ('created_at', models.DateTimeField()),
                        ('due_at', models.DateTimeField()),
                        ('started_at', models.DateTimeField(null=True)),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('response', models.TextField(blank=True)),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'sending'])), fields=['due_at'], name='letter_waiting')],
                    },
                ),
            ],
        ),
        *protect(
            "following_follow",
            "following_notification",
        ),
    ]
