"""The hall over HTTP: an API for programs, a page for who waits, figures for Prometheus."""
