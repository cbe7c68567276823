from django.db import migrations, models

# Until now cash on delivery was taken for paid when the goods had come; of other orders nobody has said it.
CAME = """
    UPDATE commerce_order SET paid_at = delivered_at WHERE payment = 'on_delivery' AND state = 'delivered'
"""


class Migration(migrations.Migration):
    dependencies = [("commerce", "0002_issued_documents")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="paid_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(CAME, migrations.RunSQL.noop),
    ]
