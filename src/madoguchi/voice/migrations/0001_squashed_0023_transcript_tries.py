import django.db.models.deletion
import madoguchi.infra.secrets
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables

# Whatever statement turns a phone, the stretch that ends by it is kept. A page that closes, or was not heard of for
# `HEARD_WITHIN`, was there until its last sign of life; a talk goes on without one.
_KEEP = """
    CREATE FUNCTION voice_phone_spent() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            turns boolean := (OLD.state, OLD.call) IS DISTINCT FROM (NEW.state, NEW.call);
            begins timestamptz := greatest(OLD.since, OLD.counted_until);
            ends timestamptz := CASE WHEN turns THEN NEW.since ELSE NEW.seen_at END;
            heard timestamptz := CASE OLD.state WHEN 'wrapping' THEN greatest(OLD.seen_at, OLD.since) ELSE OLD.seen_at END;
            silent boolean := OLD.state IN ('ready', 'wrapping') AND ends >= heard + interval '40 seconds';
        BEGIN
            IF NOT turns AND NOT silent AND NEW.seen_at >= OLD.seen_at THEN
                RETURN NEW;
            END IF;
            IF silent OR NOT turns THEN
                ends := heard;
            END IF;
            IF OLD.state IN ('ready', 'talking', 'wrapping') AND OLD.role IN ('', 'asked') AND ends > begins THEN
                NEW.spent := OLD.spent || jsonb_build_object(
                    'doing', OLD.state, 'begin', begins, 'end', ends, 'call', OLD.call);
            END IF;
            NEW.counted_until := CASE WHEN turns THEN NULL ELSE greatest(OLD.seen_at, NEW.seen_at) END;
            RETURN NEW;
        END
    $$;
    CREATE TRIGGER voice_phone_spent BEFORE UPDATE ON voice_agentphone
        FOR EACH ROW EXECUTE FUNCTION voice_phone_spent();
"""
_NO_MORE = """
    DROP TRIGGER voice_phone_spent ON voice_agentphone;
    DROP FUNCTION voice_phone_spent();
"""


class Migration(migrations.Migration):

    replaces = [('voice', '0001_squashed_0010_divided_calls'), ('voice', '0011_call_outside'), ('voice', '0012_asks_whom'), ('voice', '0013_terms_that_begin_later'), ('voice', '0014_announcements'), ('voice', '0015_phones_outside'), ('voice', '0016_words_of_recordings'), ('voice', '0017_time_at_phones'), ('voice', '0018_products_of_numbers'), ('voice', '0019_sip_phones'), ('voice', '0020_outside_contacts'), ('voice', '0021_transcripts'), ('voice', '0022_notices_and_tries'), ('voice', '0023_transcript_tries')]

    initial = True

    dependencies = [
        ('commerce', '0020_written_terms'),
        ('companies', '0001_squashed_0015_line'),
        ('people', '0001_squashed_0007_access_token_desks'),
        ('promises', '0001_squashed_0007_delay_notices'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Call',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('uid', models.CharField(max_length=32, unique=True)),
                        ('direction', models.CharField(choices=[('in', 'incoming'), ('out', 'outgoing')], default='in', max_length=3)),
                        ('called', models.CharField(max_length=16)),
                        ('caller', models.CharField(blank=True, max_length=16)),
                        ('state', models.CharField(choices=[('ringing', 'rings'), ('answered', 'goes on'), ('ended', 'over')], default='ringing', max_length=10)),
                        ('outcome', models.CharField(blank=True, choices=[('rejected', 'Not taken'), ('short', 'Hung up at once'), ('abandoned', 'Gave up'), ('informed', 'Heard an announcement'), ('call_back', 'Wishes to be called back'), ('message', 'Left a message'), ('talked', 'Talked with us'), ('broken', 'Broke off'), ('busy', 'Busy'), ('no_answer', 'No answer'), ('unreached', 'Not reached'), ('stopped', 'Not gone through with')], max_length=10)),
                        ('ended_by', models.CharField(blank=True, choices=[('caller', 'caller'), ('agent', 'agent'), ('us', 'us'), ('lost', 'lost'), ('fault', 'fault')], max_length=10)),
                        ('flow', models.PositiveIntegerField(default=0)),
                        ('offered_at', models.DateTimeField()),
                        ('answered_at', models.DateTimeField(null=True)),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('alive_at', models.DateTimeField()),
                        ('spans', models.JSONField(default=list)),
                        ('wait_seconds', models.PositiveIntegerField(default=0)),
                        ('keys', models.CharField(blank=True, max_length=60)),
                        ('message_id', models.BigIntegerField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk')),
                        ('entry_point', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.entrypoint')),
                        ('agent', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('code', models.CharField(blank=True, choices=[('solved', 'Solved'), ('goes_on', 'Goes on'), ('handed_on', 'Handed on'), ('call_back', 'To be called back'), ('wrong', 'Wrong number'), ('nuisance', 'Nuisance'), ('other', 'Something else')], db_default='', default='', max_length=10)),
                        ('hold_seconds', models.PositiveIntegerField(db_default=0, default=0)),
                        ('talk_seconds', models.PositiveIntegerField(db_default=0, default=0)),
                        ('wrap_seconds', models.PositiveIntegerField(db_default=0, default=0)),
                        ('plan_id', models.BigIntegerField(null=True)),
                        ('divided', models.JSONField(db_default=[], default=list)),
                        ('outside', models.BooleanField(db_default=False, default=False)),
                        ('product', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commerce.product')),
                        ('notified_at', models.DateTimeField(null=True)),
                        ('purpose', models.CharField(blank=True, db_default='', default='', max_length=100)),
                        ('tries', models.PositiveSmallIntegerField(db_default=1, default=1)),
                        ('waits_since', models.DateTimeField(null=True)),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['desk', '-offered_at', '-id'], name='call_of_desk'), models.Index(condition=models.Q(('caller', ''), _negated=True), fields=['company', 'caller', '-offered_at'], name='call_by_caller'), models.Index(condition=models.Q(('message_id__isnull', False)), fields=['message_id'], name='call_of_message'), models.Index(condition=models.Q(('state', 'ended'), _negated=True), fields=['alive_at'], name='call_going_on'), models.Index(condition=models.Q(('message_id__isnull', True), ('outcome__in', ('message', 'call_back', 'abandoned', 'broken'))), fields=['ended_at'], name='call_untied'), models.Index(condition=models.Q(('direction', 'out')), fields=['company', 'offered_at'], name='call_out')],
                    },
                ),
                migrations.CreateModel(
                    name='FlowVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('document', models.JSONField()),
                        ('at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.entrypoint')),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('entry_point', 'number'), name='flow_version_of_number_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Recording',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('sha256', models.CharField(max_length=64)),
                        ('size', models.PositiveIntegerField()),
                        ('milliseconds', models.PositiveIntegerField()),
                        ('at', models.DateTimeField()),
                        ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recordings', to='voice.call')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('transcribed_at', models.DateTimeField(null=True)),
                        ('transcript', models.CharField(blank=True, db_default='', default='', max_length=64)),
                        ('transcript_tries', models.PositiveSmallIntegerField(db_default=0, default=0)),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['company', 'at'], name='recording_by_age')],
                    },
                ),
                migrations.CreateModel(
                    name='AgentPhone',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('state', models.CharField(choices=[('away', 'Away'), ('ready', 'Ready for calls'), ('ringing', 'It rings'), ('talking', 'On a call'), ('wrapping', 'Wrapping up')], default='away', max_length=10)),
                        ('since', models.DateTimeField()),
                        ('seen_at', models.DateTimeField()),
                        ('call', models.CharField(blank=True, max_length=32)),
                        ('offer', models.TextField(blank=True)),
                        ('answer', models.TextField(blank=True)),
                        ('connected', models.BooleanField(default=False)),
                        ('held', models.BooleanField(default=False)),
                        ('secret', models.BooleanField(default=False)),
                        ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('role', models.CharField(blank=True, choices=[('', 'Talks with the customer'), ('asked', 'Is asked'), ('listen', 'Listens'), ('whisper', 'Speaks to the operator alone'), ('join', 'Speaks with both')], db_default='', default='', max_length=10)),
                        ('asks', models.BigIntegerField(db_default=0, default=0)),
                        ('spent', models.JSONField(db_default=[], default=list)),
                        ('counted_until', models.DateTimeField(null=True)),
                        ('telephone', models.BooleanField(db_default=False, default=False)),
                        ('outside_there', models.BooleanField(db_default=False, default=False)),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('call', ''), _negated=True), fields=['call'], name='phone_of_call')],
                    },
                ),
                migrations.CreateModel(
                    name='PlannedCall',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('message_id', models.BigIntegerField(null=True)),
                        ('number', models.CharField(blank=True, max_length=16)),
                        ('state', models.CharField(choices=[('waiting', 'waits for its turn'), ('calling', 'is made'), ('done', 'done'), ('dropped', 'given up')], default='waiting', max_length=10)),
                        ('since', models.DateTimeField()),
                        ('next_at', models.DateTimeField()),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk')),
                        ('entry_point', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.entrypoint')),
                        ('origin', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='voice.call')),
                        ('promise', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='promises.promise')),
                        ('person', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('message_id__isnull', False), ('state', 'waiting')), fields=['since'], name='planned_call_waiting'), models.Index(condition=models.Q(('state', 'waiting')), fields=['company', 'number'], name='planned_call_of')],
                    },
                ),
                migrations.CreateModel(
                    name='RecordingTerm',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('days', models.PositiveSmallIntegerField(verbose_name='days that recordings are kept')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('days_before', models.PositiveSmallIntegerField(null=True)),
                        ('begins_at', models.DateTimeField(null=True)),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company',), name='recording_term_once_per_company')],
                    },
                ),
                migrations.CreateModel(
                    name='Announcement',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=40)),
                        ('number', models.PositiveIntegerField()),
                        ('sound', models.BinaryField()),
                        ('digest', models.CharField(max_length=64)),
                        ('milliseconds', models.PositiveIntegerField()),
                        ('at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('words', models.CharField(blank=True, db_default='', default='', max_length=500)),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'name', 'number'), name='announcement_version_of_number_once')],
                    },
                ),
                migrations.CreateModel(
                    name='OutsidePhone',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('address', models.CharField(max_length=160, verbose_name='Telephone outside')),
                        ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                ),
                migrations.CreateModel(
                    name='OutsideLeg',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('call', models.CharField(max_length=32)),
                        ('rung_at', models.DateTimeField()),
                        ('answered_at', models.DateTimeField(null=True)),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['company', 'rung_at'], name='outside_leg_by_time'), models.Index(fields=['call'], name='outside_leg_of_call')],
                    },
                ),
                migrations.CreateModel(
                    name='NumberProduct',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.OneToOneField(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.entrypoint')),
                        ('product', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='commerce.product')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects'},
                ),
                migrations.CreateModel(
                    name='SipPhone',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=32, unique=True)),
                        ('ha1', madoguchi.infra.secrets.SecretField()),
                        ('made_at', models.DateTimeField()),
                        ('contact', models.CharField(blank=True, default='', max_length=300)),
                        ('host', models.CharField(blank=True, default='', max_length=45)),
                        ('port', models.PositiveIntegerField(default=0)),
                        ('agent', models.CharField(blank=True, default='', max_length=80)),
                        ('registered_until', models.DateTimeField(null=True)),
                        ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                ),
                migrations.CreateModel(
                    name='OutsideContact',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=60, verbose_name='Name')),
                        ('number', models.CharField(max_length=16, verbose_name='Phone number')),
                        ('active', models.BooleanField(default=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['company', 'name'], name='outside_contact_of_company')],
                    },
                ),
                migrations.CreateModel(
                    name='NumberNotice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('sound', models.CharField(blank=True, max_length=40)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.OneToOneField(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.entrypoint')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects'},
                ),
            ],
        ),
        *protect(
            "voice_call",
            "voice_flowversion",
            "voice_recording",
            "voice_plannedcall",
            "voice_recordingterm",
            "voice_announcement",
            "voice_outsideleg",
            "voice_numberproduct",
            "voice_outsidecontact",
            "voice_numbernotice",
        ),
        migrations.RunSQL(_KEEP, _NO_MORE),
    ]
