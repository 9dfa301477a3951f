"""The report: everything that is compared, gathered, and shown as text or JSON."""
