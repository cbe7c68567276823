from django.db import migrations, models


class Migration(migrations.Migration):
    """Who had whose access in their hands lately is read from a short index, however long the log is."""

    dependencies = [("infra", "0008_event_at")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                fields=["company", "at"],
                name="event_of_access",
                condition=models.Q(
                    kind__in=[
                        "administrator.appointed",
                        "person.deactivated",
                        "person.password_link",
                        "person.password_set",
                        "person.place_given",
                        "person.place_taken",
                        "person.reactivated",
                        "person.second_step_reset",
                    ]
                ),
            ),
        ),
    ]
