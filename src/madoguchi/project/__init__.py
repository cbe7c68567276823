"""The composition: settings, addresses, processes, the command line. The one place that binds the apps."""
