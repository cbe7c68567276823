import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import madoguchi.kernel.channel
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables

# Whoever writes the column, the index follows: in the same transaction, with the same rights, one case at a time.
_FOLLOW = """
    CREATE FUNCTION case_values(filled jsonb) RETURNS TABLE (field_id bigint, words text, number float8)
    LANGUAGE sql IMMUTABLE AS $$
        SELECT key::bigint, said.words, said.number
        FROM jsonb_each(filled) CROSS JOIN LATERAL (
            SELECT
                CASE jsonb_typeof(value)
                    WHEN 'string' THEN left(lower(normalize(value #>> '{}', NFKC) COLLATE "C"), 200) END AS words,
                CASE jsonb_typeof(value)
                    WHEN 'number' THEN value::float8
                    WHEN 'object' THEN (coalesce(value ->> 'customer', value ->> 'product', value ->> 'order'))::float8 END AS number
        ) AS said
    $$;
    CREATE FUNCTION case_values_follow() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                DELETE FROM cases_filledvalue WHERE case_id = NEW.id;
            END IF;
            INSERT INTO cases_filledvalue (case_id, company_id, words, number, field_id)
                SELECT NEW.id, NEW.company_id, words, number, field_id FROM case_values(NEW.filled);
            RETURN NULL;
        END
    $$;
    CREATE TRIGGER case_values_begin AFTER INSERT ON cases_case
        FOR EACH ROW WHEN (NEW.filled <> '{}') EXECUTE FUNCTION case_values_follow();
    CREATE TRIGGER case_values_follow AFTER UPDATE OF filled ON cases_case
        FOR EACH ROW WHEN (OLD.filled IS DISTINCT FROM NEW.filled) EXECUTE FUNCTION case_values_follow();
"""
_NO_MORE = """
    DROP TRIGGER case_values_follow ON cases_case;
    DROP TRIGGER case_values_begin ON cases_case;
    DROP FUNCTION case_values_follow();
    DROP FUNCTION case_values(jsonb);
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("companies", "0001_squashed_0015_line"),
        ("customers", "0001_squashed_0008_consents"),
        ('fields', '0001_squashed_0002_references'),
        ('people', '0001_squashed_0007_access_token_desks'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Case',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.BigIntegerField()),
                        ('channel', models.CharField(choices=[('email', 'Mail'), ('form', 'Form'), ('phone', 'Phone'), ('chat', 'Chat'), ('line', 'LINE')], max_length=10)),
                        ('subject', models.CharField(max_length=500)),
                        ('status', models.CharField(choices=[('new', 'New'), ('open', 'Open'), ('waiting_customer', 'Waiting for customer'), ('waiting_third', 'Waiting for third party'), ('solved', 'Solved'), ('closed', 'Closed')], default='new', max_length=20)),
                        ('priority', models.PositiveSmallIntegerField(choices=[(1, 'Low'), (2, 'Normal'), (3, 'High'), (4, 'Urgent')], default=2)),
                        ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=50), default=list, size=None)),
                        ('language', models.CharField(default='ja', max_length=10)),
                        ('reply_token', models.CharField(max_length=20, unique=True)),
                        ('preview', models.CharField(blank=True, max_length=200)),
                        ('message_count', models.PositiveIntegerField(default=0)),
                        ('opened_at', models.DateTimeField()),
                        ('touched_at', models.DateTimeField()),
                        ('waiting_since', models.DateTimeField(null=True)),
                        ('first_replied_at', models.DateTimeField(null=True)),
                        ('solved_at', models.DateTimeField(null=True)),
                        ('version', models.PositiveIntegerField(default=1)),
                        ('assignee', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='customers.customer')),
                        ('desk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk')),
                        ('entry_point', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.entrypoint')),
                        ('continued_in', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('followed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('follows', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('undelivered', models.BooleanField(db_default=False, default=False)),
                        ('link_generation', models.PositiveSmallIntegerField(db_default=1, default=1)),
                        ('hops', models.PositiveSmallIntegerField(db_default=0, default=0)),
                        ('hand_off', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.handoff')),
                        ('filled', models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                        ('matter', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fields.matter')),
                        ('due_at', models.DateTimeField(null=True)),
                        ('due_for', models.CharField(blank=True, db_default='', default='', max_length=20)),
                        ('due_warned', models.BooleanField(db_default=False, default=False)),
                        ('former_number', models.CharField(blank=True, db_default='', default='', max_length=100)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('status__in', ['new', 'open', 'waiting_customer', 'waiting_third'])), fields=['assignee', '-touched_at', '-id'], name='case_of_assignee'), models.Index(fields=['customer', '-opened_at'], name='case_of_customer'), django.contrib.postgres.indexes.GinIndex(fields=['tags'], name='case_by_tag'), models.Index(condition=models.Q(('status__in', ['new', 'open', 'waiting_customer', 'waiting_third'])), fields=['desk', '-touched_at', '-id'], include=('company',), name='case_active_of_desk'), models.Index(fields=['desk', '-touched_at', '-id'], include=('company',), name='case_all_of_desk'), models.Index(fields=['desk', 'status', '-touched_at', '-id'], include=('company',), name='case_by_status'), models.Index(condition=models.Q(('status__in', ['new', 'open', 'waiting_customer', 'waiting_third']), ('assignee__isnull', True)), fields=['desk', '-touched_at', '-id'], include=('company',), name='case_unassigned'), models.Index(condition=models.Q(('continued_in__isnull', False)), fields=['continued_in'], name='case_continued_in'), models.Index(fields=['desk', '-opened_at'], name='case_opened_at_desk'), models.Index(condition=models.Q(('former_number', ''), _negated=True), fields=['company', 'former_number'], name='case_by_former_number'), models.Index(condition=models.Q(('status__in', ['new', 'open', 'waiting_customer', 'waiting_third']), ('due_warned', True)), fields=['desk', '-touched_at', '-id'], include=('company',), name='case_due_soon'), models.Index(condition=models.Q(('waiting_since__isnull', False)), fields=['desk', 'waiting_since', 'id'], include=('company',), name='case_by_waiting'), models.Index(condition=models.Q(('due_at__isnull', False)), fields=['desk', 'due_at', 'id'], include=('company',), name='case_by_due'), models.Index(condition=models.Q(('priority', 2), _negated=True), fields=['desk', 'priority', '-touched_at', '-id'], include=('company',), name='case_by_priority')],
                        'constraints': [models.UniqueConstraint(fields=('company', 'number'), name='case_number_once_per_company')],
                    },
                ),
                migrations.CreateModel(
                    name='Contact',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('channel', models.CharField(max_length=10)),
                        ('inbound', models.BooleanField()),
                        ('at', models.DateTimeField()),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('entry_point', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.entrypoint')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['customer', '-at'], name='contact_of_customer')],
                    },
                ),
                migrations.CreateModel(
                    name='Draft',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('reply', 'reply'), ('note', 'note'), ('kept', 'kept')], default='reply', max_length=10)),
                        ('text', models.TextField(blank=True)),
                        ('to', models.TextField(blank=True)),
                        ('cc', models.TextField(blank=True)),
                        ('saved_at', models.DateTimeField()),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('bcc', models.TextField(blank=True, db_default='')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['case', 'user'], name='drafts_of_case')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'reply')), fields=('case',), name='one_reply_draft_per_case'), models.UniqueConstraint(condition=models.Q(('kind', 'note')), fields=('case', 'user'), name='one_note_draft_per_person')],
                    },
                ),
                migrations.CreateModel(
                    name='DraftFile',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('filename', models.CharField(max_length=255)),
                        ('content_type', models.CharField(max_length=100)),
                        ('size', models.PositiveBigIntegerField()),
                        ('sha256', models.CharField(max_length=64)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('draft', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='cases.draft')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='Message',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('channel', models.CharField(default=madoguchi.kernel.channel.Channel['EMAIL'], max_length=10)),
                        ('author', models.CharField(choices=[('customer', 'Customer'), ('staff', 'Staff'), ('system', 'Automatic')], max_length=10)),
                        ('sender_name', models.CharField(blank=True, max_length=200)),
                        ('sender_address', models.CharField(blank=True, max_length=254)),
                        ('to', models.JSONField(default=list)),
                        ('cc', models.JSONField(default=list)),
                        ('subject', models.CharField(blank=True, max_length=500)),
                        ('text', models.TextField()),
                        ('new_text', models.TextField(blank=True)),
                        ('html', models.TextField(blank=True)),
                        ('automatic', models.CharField(blank=True, max_length=20)),
                        ('external_id', models.CharField(max_length=500)),
                        ('at', models.DateTimeField()),
                        ('sent_at', models.DateTimeField(null=True)),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('contact', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='cases.contact')),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('bcc', models.JSONField(db_default=[], default=list)),
                        ('trust', models.JSONField(null=True)),
                        ('pieces', models.JSONField(db_default=models.Value([], models.JSONField()), default=list)),
                        ('reply_to', models.JSONField(db_default=models.Value([], models.JSONField()), default=list)),
                        ('placed', models.BooleanField(db_default=False, default=False)),
                        ('unsent_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['case', 'at', 'id'], name='message_of_case'), models.Index(fields=['company', 'external_id'], name='message_by_external_id'), models.Index(condition=models.Q(('author', 'customer'), _negated=True), fields=['company', 'external_id'], name='message_of_ours')],
                    },
                ),
                migrations.CreateModel(
                    name='Attachment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('filename', models.CharField(max_length=255)),
                        ('content_type', models.CharField(max_length=100)),
                        ('size', models.PositiveBigIntegerField()),
                        ('sha256', models.CharField(max_length=64)),
                        ('inline', models.BooleanField(default=False)),
                        ('content_id', models.CharField(blank=True, max_length=255)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('message', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='cases.message')),
                        ('finding', models.CharField(blank=True, db_default='', default='', max_length=200)),
                        ('scan', models.CharField(blank=True, choices=[('', 'Not checked'), ('waiting', 'Waits to be checked'), ('clean', 'Checked'), ('harmful', 'Held back')], db_default='', default='', max_length=10)),
                        ('asks', models.PositiveSmallIntegerField(db_default=0, default=0)),
                        ('ask_again_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('scan', 'waiting')), fields=['id'], name='file_to_be_checked')],
                    },
                ),
                migrations.CreateModel(
                    name='Note',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('text', models.TextField()),
                        ('at', models.DateTimeField()),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['case', 'at', 'id'], name='note_of_case')],
                    },
                ),
                migrations.CreateModel(
                    name='Mention',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('seen_at', models.DateTimeField(null=True)),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('note', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mentions', to='cases.note')),
                        ('team', models.CharField(blank=True, db_default='', default='', max_length=200)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['user', '-at'], name='mention_of_user'), models.Index(condition=models.Q(('seen_at', None)), fields=['user', 'case'], name='mention_unseen')],
                        'constraints': [models.UniqueConstraint(fields=('note', 'user'), name='mention_once_per_note')],
                    },
                ),
                migrations.CreateModel(
                    name='NumberCounter',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('last', models.BigIntegerField(default=1000)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company',), name='one_counter_per_company')],
                    },
                ),
                migrations.CreateModel(
                    name='ReplyTime',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('slot', models.CharField(max_length=12)),
                        ('seconds', models.PositiveIntegerField()),
                        ('cases', models.PositiveIntegerField()),
                        ('measured_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.desk')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('desk', 'slot'), name='reply_time_once_per_slot')],
                    },
                ),
                migrations.CreateModel(
                    name='HandOff',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('occasion', models.CharField(choices=[('person', 'To another person'), ('desk', 'To another desk'), ('closing', 'On closing')], max_length=10)),
                        ('reason', models.CharField(blank=True, max_length=300)),
                        ('summary', models.CharField(max_length=300)),
                        ('next_step', models.CharField(blank=True, max_length=300)),
                        ('promises', models.CharField(blank=True, max_length=300)),
                        ('at', models.DateTimeField()),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='hand_offs', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('to_desk', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk')),
                        ('to_user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['case', 'at'], name='hand_off_of_case')],
                    },
                ),
                migrations.CreateModel(
                    name='Merge',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('messages', models.PositiveIntegerField()),
                        ('moved', models.JSONField()),
                        ('before', models.JSONField()),
                        ('after', models.JSONField()),
                        ('undone_at', models.DateTimeField(null=True)),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('into', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='cases.case')),
                        ('undone_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('last_message', models.BigIntegerField(db_default=0, default=0)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['into', 'id'], name='merge_into_case')],
                    },
                ),
                migrations.CreateModel(
                    name='ReplyLock',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('since', models.DateTimeField()),
                        ('seen_at', models.DateTimeField()),
                        ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('taken_from', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='Presence',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('since', models.DateTimeField()),
                        ('seen_at', models.DateTimeField()),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('case', 'user'), name='presence_once_per_person')],
                    },
                ),
                migrations.CreateModel(
                    name='Split',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('messages', models.PositiveIntegerField()),
                        ('last_message', models.BigIntegerField()),
                        ('moved', models.JSONField()),
                        ('before', models.JSONField()),
                        ('after', models.JSONField()),
                        ('undone_at', models.DateTimeField(null=True)),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('into', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('undone_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['case', 'id'], name='split_of_case')],
                    },
                ),
                migrations.CreateModel(
                    name='CaseLink',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('parent', 'Parent case'), ('duplicate', 'Duplicate of'), ('cause', 'Caused by'), ('defect', 'Same defect')], max_length=10)),
                        ('at', models.DateTimeField()),
                        ('removed_at', models.DateTimeField(null=True)),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('other', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('removed_at', None)), fields=['other'], name='link_to_case')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('case', 'kind', 'other'), name='case_linked_once'), models.CheckConstraint(condition=models.Q(('case', models.F('other')), _negated=True), name='case_linked_to_another')],
                    },
                ),
                migrations.CreateModel(
                    name='PendingAnswer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('state', models.CharField(choices=[('scheduled', 'Scheduled'), ('awaiting', 'Awaiting approval'), ('held', 'Held'), ('returned', 'Returned'), ('left', 'Left'), ('taken_back', 'Taken back'), ('discarded', 'Thrown away')], max_length=10)),
                        ('text', models.TextField()),
                        ('to', models.JSONField(default=list)),
                        ('cc', models.JSONField(default=list)),
                        ('bcc', models.JSONField(default=list)),
                        ('status', models.CharField(choices=[('new', 'New'), ('open', 'Open'), ('waiting_customer', 'Waiting for customer'), ('waiting_third', 'Waiting for third party'), ('solved', 'Solved'), ('closed', 'Closed')], max_length=20)),
                        ('confirmed', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                        ('due_at', models.DateTimeField(null=True)),
                        ('word', models.CharField(blank=True, max_length=500)),
                        ('comment', models.TextField(blank=True)),
                        ('why', models.CharField(blank=True, max_length=20)),
                        ('detail', models.TextField(blank=True)),
                        ('last_message', models.BigIntegerField()),
                        ('was_status', models.CharField(max_length=20)),
                        ('waited_since', models.DateTimeField(null=True)),
                        ('first_text', models.TextField(blank=True)),
                        ('approved', models.BooleanField(default=False)),
                        ('created_at', models.DateTimeField()),
                        ('changed_at', models.DateTimeField()),
                        ('came_from', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='pending_answers', to='cases.case')),
                        ('changed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('decided_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('message', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.message')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('state', 'scheduled')), fields=['due_at'], name='pending_due'), models.Index(condition=models.Q(('state__in', ['scheduled', 'awaiting', 'held', 'returned'])), fields=['case', 'id'], include=('company', 'state', 'user'), name='pending_of_case')],
                    },
                ),
                migrations.CreateModel(
                    name='PendingFile',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('filename', models.CharField(max_length=255)),
                        ('content_type', models.CharField(max_length=100)),
                        ('size', models.PositiveBigIntegerField()),
                        ('sha256', models.CharField(max_length=64)),
                        ('answer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='cases.pendinganswer')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='ToldApart',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('other', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('case', 'other'), name='told_apart_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Look',
                    fields=[
                        ('pk', models.CompositePrimaryKey('company', 'customer_id', 'case_id', 'user', 'hour', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('customer_id', models.BigIntegerField()),
                        ('case_id', models.BigIntegerField()),
                        ('hour', models.DateTimeField()),
                        ('at', models.DateTimeField()),
                        ('times', models.PositiveIntegerField(default=1)),
                        ('shown', models.PositiveIntegerField(default=1)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['company', 'hour'], name='looks_by_hour')],
                    },
                ),
                migrations.CreateModel(
                    name='FilledValue',
                    fields=[
                        ('pk', models.CompositePrimaryKey('case', 'field', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('words', models.CharField(db_collation='C', max_length=200, null=True)),
                        ('number', models.FloatField(null=True)),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('field', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='fields.field')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['field', 'words', 'case'], include=('company',), name='value_by_words'), models.Index(fields=['field', 'number', 'case'], include=('company',), name='value_by_number')],
                    },
                ),
                migrations.CreateModel(
                    name='Seen',
                    fields=[
                        ('pk', models.CompositePrimaryKey('user', 'case_id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('case_id', models.BigIntegerField()),
                        ('message', models.BigIntegerField(default=0)),
                        ('note', models.BigIntegerField(default=0)),
                        ('unread', models.BooleanField(default=False)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                    },
                ),
            ],
        ),
        *protect(
            "cases_numbercounter",
            "cases_case",
            "cases_contact",
            "cases_message",
            "cases_attachment",
            "cases_note",
            "cases_mention",
            "cases_draft",
            "cases_draftfile",
            "cases_replytime",
            "cases_handoff",
            "cases_merge",
            "cases_presence",
            "cases_replylock",
            "cases_split",
            "cases_caselink",
            "cases_pendinganswer",
            "cases_pendingfile",
            "cases_toldapart",
            "cases_look",
            "cases_filledvalue",
            "cases_seen",
        ),
        migrations.RunSQL(_FOLLOW, _NO_MORE),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER joins_led_on BEFORE INSERT ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION customers_led_on()",
                f"DROP TRIGGER joins_led_on ON {table}",
            )
            for table in ("cases_case", "cases_contact")
        ),
    ]
