from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0003_desk_laid_out'),
    ]

    operations = [
        migrations.AddField(
            model_name='desk',
            name='hand_off',
            field=models.CharField(choices=[('never', 'never'), ('transfer', 'when a case goes to another person or desk'), ('closing', 'then, and when a case is solved')], db_default='transfer', default='transfer', max_length=10, verbose_name='ask for a hand-over'),
        ),
    ]
