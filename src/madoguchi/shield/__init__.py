"""The shield against harassment by customers."""
