"""What was ordered in a shop elsewhere is known by what it is called there."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('commerce', '0011_refund_limit'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='outside',
            field=models.CharField(blank=True, db_default='', max_length=40),
        ),
        migrations.AddField(
            model_name='orderline',
            name='outside',
            field=models.CharField(blank=True, db_default='', max_length=60),
        ),
        migrations.AlterField(
            model_name='order',
            name='payment',
            field=models.CharField(choices=[('on_delivery', 'Cash on delivery'), ('transfer', 'Bank transfer'), ('store', 'Convenience store'), ('link', 'By a payment link (card)'), ('later', 'By invoice, later'), ('nothing', 'Nothing to pay'), ('elsewhere', 'In the shop where it was ordered')], max_length=12),
        ),
        migrations.AlterField(
            model_name='return',
            name='reason',
            field=models.CharField(choices=[('changed_mind', 'Not wanted after all'), ('defect', 'Defective'), ('damaged', 'Damaged on the way'), ('wrong', 'Something else was sent'), ('not_delivered', 'Never came'), ('elsewhere', 'Refunded in the shop where it was ordered')], max_length=14),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('outside', ''), _negated=True), fields=['company', 'outside'], name='order_by_outside'),
        ),
    ]
