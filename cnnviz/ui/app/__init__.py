"""What all pages share: server, caches, routes, language, errors, downloads."""
