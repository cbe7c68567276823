"""Real mail servers for tests: Dovecot and Postfix as throw-away instances in folders and on ports of their own."""
