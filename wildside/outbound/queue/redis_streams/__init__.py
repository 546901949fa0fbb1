"""Jobs in Redis streams, shared by every server and worker."""
