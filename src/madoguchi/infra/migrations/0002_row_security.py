from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("infra", "0001_initial")]
    operations = [
        *protect("infra_event", "infra_failedreaction"),
        migrations.RunSQL(
            """
            CREATE FUNCTION infra_event_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'events are append-only';
            END $$;
            CREATE TRIGGER event_never_changes BEFORE UPDATE OR DELETE ON infra_event
                FOR EACH ROW EXECUTE FUNCTION infra_event_never_changes();
            CREATE TRIGGER seal_never_changes BEFORE UPDATE OR DELETE ON infra_seal
                FOR EACH ROW EXECUTE FUNCTION infra_event_never_changes();
            CREATE FUNCTION infra_event_tell() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_notify('madoguchi_events', '');
                RETURN NULL;
            END $$;
            CREATE TRIGGER event_tell AFTER INSERT ON infra_event
                FOR EACH STATEMENT EXECUTE FUNCTION infra_event_tell();
            """,
            "DROP FUNCTION infra_event_never_changes, infra_event_tell CASCADE",
        ),
    ]
