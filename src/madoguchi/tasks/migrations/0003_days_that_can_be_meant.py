from datetime import UTC, datetime

from django.db import migrations, models

_MEND = """
    SELECT set_config('app.companies', '*', true);
    UPDATE tasks_task SET due_at = NULL WHERE due_at < '1900-01-01Z' OR due_at >= '2200-01-01Z';
    SELECT set_config('app.companies', '', true);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0002_of_plan'),
    ]

    operations = [
        migrations.RunSQL(_MEND, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('due_at__gte', datetime(1900, 1, 1, tzinfo=UTC)), ('due_at__lt', datetime(2200, 1, 1, tzinfo=UTC))), name='task_due_on_a_day_that_can_be_meant'),
        ),
    ]
