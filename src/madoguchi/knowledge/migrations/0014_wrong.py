from django.db import migrations, models

# Until now all that stood before a correction was told of as wrong.
CORRECTED = """
    SELECT set_config('app.companies', '*', true);
    UPDATE knowledge_articleversion AS v SET wrong_at = c.at FROM (
        SELECT article_id, max(number) AS number, max(valid_from) AS at FROM knowledge_articleversion
        WHERE state = 'approved' AND corrects GROUP BY article_id
    ) AS c WHERE c.article_id = v.article_id AND v.number < c.number AND v.state = 'approved';
    SELECT set_config('app.companies', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0013_contradictions")]

    operations = [
        migrations.AddField(
            model_name="articleversion", name="wrong_at", field=models.DateTimeField(null=True)
        ),
        migrations.RunSQL(CORRECTED, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="articleversion",
            index=models.Index(
                condition=models.Q(("wrong_at__isnull", False)),
                fields=["article", "-number"],
                name="version_found_wrong",
            ),
        ),
    ]
