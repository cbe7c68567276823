from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('intake', '0006_who_reports'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='awaited',
            name='awaited_once_per_company',
        ),
        migrations.AddConstraint(
            model_name='awaited',
            constraint=models.UniqueConstraint(fields=('company', 'value', 'case_id'), name='awaited_once_per_case'),
        ),
    ]
