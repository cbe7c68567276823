"""Subscriptions from which customers withdrew are counted as such."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('commerce', '0018_budgets'),
    ]

    operations = [
        migrations.AlterField(
            model_name='subscription',
            name='reason',
            field=models.CharField(blank=True, choices=[('enough', 'Has enough of it'), ('price', 'Too expensive'), ('quality', 'Not content with it'), ('health', 'Does not agree with them'), ('other_shop', 'Buys something else'), ('life', 'Moves, or lives differently now'), ('unaware', 'Did not know that it would go on'), ('service', 'Trouble with deliveries or with us'), ('unsaid', 'Would not say'), ('withdrew', 'Withdrew (cooling-off)')], max_length=10),
        ),
    ]
