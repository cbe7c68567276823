"""What the time at a phone was spent with, until it is in the log."""

from django.db import migrations, models

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
    dependencies = [("voice", "0016_words_of_recordings")]

    operations = [
        migrations.AddField(
            model_name="agentphone",
            name="spent",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="agentphone",
            name="counted_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(_KEEP, _NO_MORE),
    ]
