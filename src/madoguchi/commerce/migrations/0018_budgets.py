"""How many yen a campaign may give in all, and how many it gave."""

from django.db import migrations, models

_SPENT = """
    SELECT set_config('app.companies', '*', true);
    UPDATE commerce_campaign SET spent = given.yen FROM (
        SELECT campaign_id, sum(saved) AS yen FROM commerce_campaignuse
        WHERE returned_at IS NULL GROUP BY campaign_id
    ) AS given WHERE given.campaign_id = commerce_campaign.id;
    SELECT set_config('app.companies', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [("commerce", "0017_told_by_phone")]

    operations = [
        migrations.AddField(model_name="campaign", name="budget", field=models.PositiveIntegerField(null=True)),
        migrations.AddField(
            model_name="campaign",
            name="spent",
            field=models.PositiveBigIntegerField(db_default=0, default=0),
        ),
        migrations.RunSQL(_SPENT, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("budget", None), ("spent__lte", models.F("budget")), _connector="OR"),
                name="budget_is_kept",
            ),
        ),
    ]
