"""The REST API for programs of companies and operators."""
