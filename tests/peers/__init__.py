"""Stand-ins for other people's services on loopback sockets, stricter than the services are."""
