"""The bus, the daemon's side: events out, commands and questions in, here and over the network."""
