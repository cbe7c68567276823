from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('intake', '0005_reports'),
    ]

    operations = [
        migrations.AddField(
            model_name='report',
            name='knows_our_id',
            field=models.BooleanField(db_default=True),
        ),
    ]
