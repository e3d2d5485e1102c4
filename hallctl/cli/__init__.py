"""The command line. Every command takes --hall and --state, so halls can live side by side."""
