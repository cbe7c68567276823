from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("email", "0001_initial")]
    operations = [*protect("email_mailbox", "email_smtpserver", "email_sentmail")]
